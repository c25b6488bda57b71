#pragma once
// Equal lists of different pods share one block: pods come in series, and API times are whole seconds, so the status of a pod
// is mostly that of another that did the same in the same second. A million pods then hold far fewer lists.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "orrery/core/shared_list.hpp"

namespace orrery::kubelet {

/// The last list of each hash value, direct-mapped. Finding costs the hash and one comparison; which lists are remembered has
/// no effect but on memory.
template <class T>
class RecentLists {
 public:
  /// The list of these items; `hash` follows from them.
  SharedList<T> of(const T* items, std::size_t count, std::uint64_t hash) {
    SharedList<T>& last = lists_[(hash * 0x9e3779b97f4a7c15ULL) >> (64 - kBits)];
    if (last.size() != count || !std::equal(items, items + count, last.begin())) {
      last.clear();
      last.append(items, count);
    }
    return last;
  }

 private:
  static constexpr unsigned kBits = 8;
  std::array<SharedList<T>, std::size_t{1} << kBits> lists_;
};

}  // namespace orrery::kubelet
