#pragma once
// The cached pods of one controller, sorted by how much there is to see in them, so that a controller of a million pods need
// not look at each of them each time.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>
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
  /// Done: labelled, succeeded, with the finalizer of Jobs.
  /// Calls `f(const Ref<const Pod>&)` for those that are not settled, in the order of all().
  template <class F>
  void for_each_unsettled(F&& f) const {
    visit([](const Word& w) { return w.unsettled; }, f);
  }
  /// For those that are neither settled nor plain.
  template <class F>
  void for_each_special(F&& f) const {
    visit([](const Word& w) { return w.special; }, f);
  }
  /// For the same, but of those that are done for the first `limit` only.
  template <class F>
  void for_each_special(std::int32_t limit, F&& f) const {
    visit(
        [limit](const Word& w) mutable {
          const std::int32_t taken = std::min(limit, static_cast<std::int32_t>(std::popcount(w.done)));
          limit -= taken;
          std::uint64_t left_out = w.done;
          for (std::int32_t i = 0; i < taken; ++i) left_out &= left_out - 1;
          return w.special & ~left_out;
        },
        f);
  }
  std::int32_t special() const { return special_count_; }  ///< how many that are
  std::int32_t done() const { return done_; }              ///< and of them
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
  /// Of 64 positions, a bit for each.
  struct Word {
    std::uint64_t unsettled = 0, special = 0, done = 0;
  };
  /// `bits_of` is called once for each word, in their order.
  template <class Bits, class F>
  void visit(Bits bits_of, F&& f) const {
    const std::size_t words = (pods_.size() + 63) / 64;
    std::uint64_t next = words == 0 ? 0 : bits_of(word(0));
    for (std::size_t w = 0; w < words; ++w) {
      std::uint64_t rest = std::exchange(next, w + 1 < words ? bits_of(word(w + 1)) : 0);
      const auto pod = [&](std::size_t of, std::uint64_t bits) -> const Ref<const Pod>& { return pods_[of * 64 + static_cast<unsigned>(std::countr_zero(bits))]; };
      for (std::uint64_t soon = next; soon != 0; soon &= soon - 1) fetch_ahead(pod(w + 1, soon).get());
      for (; rest != 0; rest &= rest - 1) f(pod(w, rest));
    }
  }
  const Word& word(std::size_t w) const { return w == 0 ? first_ : more_[w - 1]; }
  Word& word(std::size_t w) { return w == 0 ? first_ : more_[w - 1]; }
  bool labelled(const Pod& pod, Uid owner);
  void count_out(std::uint32_t position);
  void mark(std::uint32_t position, bool unsettled, bool special, bool done);
  void move_marks(std::uint32_t from, std::uint32_t to);
  void put(std::uint32_t position, Ref<const Pod> pod, Uid owner);

  std::vector<Ref<const Pod>> pods_;
  Word first_;
  std::vector<Word> more_;
  std::int32_t special_count_ = 0, done_ = 0, plain_ = 0, plain_ready_ = 0;
  Ref<const StringMap> labels_seen_;  ///< pods of one template share their labels
  bool labels_fit_ = false;
};

}  // namespace orrery
