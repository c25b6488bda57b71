#pragma once
// The cached pods of one controller, sorted by how much there is to see in them, so that a controller of a million pods need
// not look at each of them each time.
#include <bit>
#include <cstdint>
#include <vector>

#include "orrery/cluster/objects.hpp"
#include "orrery/core/prefetch.hpp"

namespace orrery {

class OwnedPods {
 public:
  /// All of them, in no particular but a reproducible order.
  const std::vector<Ref<const Pod>>& all() const { return pods_; }
  bool empty() const { return pods_.empty(); }

  /// Carries the label batch.kubernetes.io/controller-uid with the owner's UID: what a generated Job selector asks for.
  /// Pods without it are neither settled nor plain.
  ///
  /// Settled: labelled, terminal and without finalizers, so that nobody waits for anything of it.
  /// Plain: labelled, neither terminal nor being deleted.
  /// Calls `f(const Ref<const Pod>&)` for those that are not settled, in the order of all().
  template <class F>
  void for_each_unsettled(F&& f) const {
    visit(unsettled_, f);
  }
  /// For those that are neither settled nor plain.
  template <class F>
  void for_each_special(F&& f) const {
    visit(special_, f);
  }
  std::int32_t special() const { return special_count_; }  ///< how many that are
  std::int32_t plain() const { return plain_; }
  std::int32_t plain_ready() const { return plain_ready_; }  ///< of them, with condition Ready

  /// Fetches what replace() and remove() touch at a position.
  void fetch(std::uint32_t position) const {
    if (position < pods_.size()) __builtin_prefetch(&pods_[position]);
  }

  /// Adds a version of a pod; returns its position.
  std::uint32_t add(Ref<const Pod> pod, Uid owner);
  /// Puts another version in the place of the pod at a position, with the same outcome as remove() and add(): it becomes the
  /// last. Returns the pod that is now at `position`; null when the new version is that itself.
  const Pod* replace(std::uint32_t position, Ref<const Pod> pod, Uid owner);
  /// Takes the pod at a position away; the last one moves there and is returned, null when it was the last itself.
  const Pod* remove(std::uint32_t position);

 private:
  template <class F>
  void visit(const std::vector<std::uint64_t>& bits, F&& f) const {
    for (std::size_t word = 0; word < bits.size(); ++word) {
      const auto pod = [&](std::size_t w, std::uint64_t rest) -> const Ref<const Pod>& { return pods_[w * 64 + static_cast<unsigned>(std::countr_zero(rest))]; };
      if (word + 1 < bits.size())
        for (std::uint64_t rest = bits[word + 1]; rest != 0; rest &= rest - 1) fetch_ahead(pod(word + 1, rest).get());
      for (std::uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) f(pod(word, rest));
    }
  }
  bool labelled(const Pod& pod, Uid owner);
  void count_out(std::uint32_t position);
  void put(std::uint32_t position, Ref<const Pod> pod, Uid owner);

  std::vector<Ref<const Pod>> pods_;
  std::vector<std::uint64_t> unsettled_, special_;  ///< a bit per position
  std::int32_t special_count_ = 0, plain_ = 0, plain_ready_ = 0;
  Ref<const StringMap> labels_seen_;  ///< pods of one template share their labels
  bool labels_fit_ = false;
};

}  // namespace orrery
