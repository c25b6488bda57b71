#include "orrery/cluster/owned_pods.hpp"

#include "orrery/cluster/symbols.hpp"
#include "orrery/core/make_room.hpp"

namespace orrery {

namespace {
constexpr std::string_view kControllerUidLabel = "batch.kubernetes.io/controller-uid";

inline bool bit(std::uint64_t bits, std::size_t i) { return (bits >> (i % 64) & 1) != 0; }
inline void set_bit(std::uint64_t& bits, std::size_t i, bool value) { bits = (bits & ~(std::uint64_t{1} << (i % 64))) | std::uint64_t{value} << (i % 64); }
}  // namespace

bool OwnedPods::labelled(const Pod& pod, Uid owner) {
  if (!pod.meta.labels()) return false;
  if (pod.meta.labels() != labels_seen_) {
    labels_fit_ = pod.meta.labels()->says_uid(kControllerUidLabel, owner);
    labels_seen_ = pod.meta.labels();
  }
  return labels_fit_;
}

std::uint32_t OwnedPods::add(Ref<const Pod> pod, Uid owner) {
  const auto position = static_cast<std::uint32_t>(pods_.size());
  make_room(pods_);
  pods_.emplace_back();
  if (position / 64 > more_.size()) more_.resize(position / 64);
  put(position, std::move(pod), owner);
  return position;
}

void OwnedPods::put(std::uint32_t position, Ref<const Pod> ref, Uid owner) {
  const Pod& pod = *ref;
  bool unsettled = true, special = true, done = false;
  if (labelled(pod, owner)) {
    if (pod.terminal()) {
      unsettled = special = !pod.meta.finalizers().empty();
      done = pod.phase == PodPhase::succeeded && pod.meta.has_finalizer(sym::job_tracking);
    } else if (!pod.meta.deleted) {
      special = false;
      ++plain_;
      if (condition_true(pod.conditions, sym::Ready)) ++plain_ready_;
    }
  }
  pods_[position] = std::move(ref);
  mark(position, unsettled, special, done);
  special_count_ += special;
  done_ += done;
}

void OwnedPods::mark(std::uint32_t position, bool unsettled, bool special, bool done) {
  Word& w = word(position / 64);
  set_bit(w.unsettled, position, unsettled);
  set_bit(w.special, position, special);
  set_bit(w.done, position, done);
}

void OwnedPods::move_marks(std::uint32_t from, std::uint32_t to) {
  const Word& w = word(from / 64);
  mark(to, bit(w.unsettled, from), bit(w.special, from), bit(w.done, from));
}

void OwnedPods::count_out(std::uint32_t position) {
  const Word& w = word(position / 64);
  special_count_ -= bit(w.special, position);
  done_ -= bit(w.done, position);
  if (!bit(w.unsettled, position) || bit(w.special, position)) return;
  --plain_;
  if (condition_true(pods_[position]->conditions, sym::Ready)) --plain_ready_;
}

const Pod* OwnedPods::replace(std::uint32_t position, Ref<const Pod> pod, Uid owner) {
  count_out(position);
  const auto last = static_cast<std::uint32_t>(pods_.size() - 1);
  const Pod* moved = nullptr;
  if (position != last) {
    pods_[position] = std::move(pods_[last]);
    move_marks(last, position);
    moved = pods_[position].get();
  }
  put(last, std::move(pod), owner);
  return moved;
}

const Pod* OwnedPods::remove(std::uint32_t position) {
  count_out(position);
  const auto last = static_cast<std::uint32_t>(pods_.size() - 1);
  const Pod* moved = nullptr;
  if (position != last) {
    pods_[position] = std::move(pods_.back());
    move_marks(last, position);
    moved = pods_[position].get();
  }
  mark(last, false, false, false);
  pods_.pop_back();
  return moved;
}

}  // namespace orrery
