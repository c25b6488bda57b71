#include "orrery/cluster/owned_pods.hpp"

#include "orrery/cluster/symbols.hpp"
#include "orrery/core/make_room.hpp"

namespace orrery {

namespace {
constexpr std::string_view kControllerUidLabel = "batch.kubernetes.io/controller-uid";

bool bit(const std::vector<std::uint64_t>& bits, std::size_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }
inline void set_bit(std::vector<std::uint64_t>& bits, std::size_t i, bool value) {
  std::uint64_t& word = bits[i / 64];
  word = (word & ~(std::uint64_t{1} << (i % 64))) | std::uint64_t{value} << (i % 64);
}
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
  if (position / 64 >= special_.size()) {
    unsettled_.resize(position / 64 + 1);
    special_.resize(position / 64 + 1);
  }
  put(position, std::move(pod), owner);
  return position;
}

void OwnedPods::put(std::uint32_t position, Ref<const Pod> ref, Uid owner) {
  const Pod& pod = *ref;
  bool unsettled = true, special = true;
  if (labelled(pod, owner)) {
    if (pod.terminal()) {
      unsettled = special = !pod.meta.finalizers().empty();
    } else if (!pod.meta.deleted) {
      special = false;
      ++plain_;
      if (condition_true(pod.conditions, sym::Ready)) ++plain_ready_;
    }
  }
  pods_[position] = std::move(ref);
  set_bit(unsettled_, position, unsettled);
  set_bit(special_, position, special);
  special_count_ += special;
}

void OwnedPods::count_out(std::uint32_t position) {
  special_count_ -= bit(special_, position);
  if (!bit(unsettled_, position) || bit(special_, position)) return;
  --plain_;
  if (condition_true(pods_[position]->conditions, sym::Ready)) --plain_ready_;
}

const Pod* OwnedPods::replace(std::uint32_t position, Ref<const Pod> pod, Uid owner) {
  count_out(position);
  const auto last = static_cast<std::uint32_t>(pods_.size() - 1);
  const Pod* moved = nullptr;
  if (position != last) {
    pods_[position] = std::move(pods_[last]);
    set_bit(unsettled_, position, bit(unsettled_, last));
    set_bit(special_, position, bit(special_, last));
    moved = pods_[position].get();
  }
  put(last, std::move(pod), owner);
  return moved;
}

const Pod* OwnedPods::remove(std::uint32_t position) {
  count_out(position);
  const std::size_t last = pods_.size() - 1;
  const Pod* moved = nullptr;
  if (position != last) {
    pods_[position] = std::move(pods_.back());
    set_bit(unsettled_, position, bit(unsettled_, last));
    set_bit(special_, position, bit(special_, last));
    moved = pods_[position].get();
  }
  set_bit(unsettled_, last, false);
  set_bit(special_, last, false);
  pods_.pop_back();
  return moved;
}

}  // namespace orrery
