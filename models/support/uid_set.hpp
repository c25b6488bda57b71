#pragma once
// A few hundred UIDs at most, and mostly none.
#include <algorithm>
#include <vector>

#include "orrery/cluster/objects.hpp"

namespace orrery {

/// Sorted. Looking up is O(log n), changing O(n); empty, it owns no memory.
class UidSet {
 public:
  bool empty() const { return uids_.empty(); }
  bool contains(Uid uid) const { return std::binary_search(uids_.begin(), uids_.end(), uid); }
  void insert(Uid uid) {
    const auto at = std::lower_bound(uids_.begin(), uids_.end(), uid);
    if (at == uids_.end() || *at != uid) uids_.insert(at, uid);
  }
  void erase(Uid uid) {
    const auto at = std::lower_bound(uids_.begin(), uids_.end(), uid);
    if (at != uids_.end() && *at == uid) uids_.erase(at);
  }
  /// In the place of what there was.
  void assign(const std::vector<Uid>& uids) {
    uids_ = uids;
    std::sort(uids_.begin(), uids_.end());
    uids_.erase(std::unique(uids_.begin(), uids_.end()), uids_.end());
  }
  std::size_t size() const { return uids_.size(); }

 private:
  std::vector<Uid> uids_;
};

}  // namespace orrery
