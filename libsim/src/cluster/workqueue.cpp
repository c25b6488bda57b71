#include "orrery/cluster/workqueue.hpp"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "orrery/core/prefetch.hpp"

namespace orrery {

namespace {
enum : std::uint16_t { kTimer = 1, kDispatch = 2 };
}  // namespace

std::size_t ObjectKeyHash::operator()(ObjectKeyView k) const {
  return static_cast<std::size_t>(XXH3_64bits(k.name.data(), k.name.size()) ^ static_cast<std::uint64_t>(k.ns) * 0x9e3779b97f4a7c15ULL);
}

WorkQueue::WorkQueue(Cluster& cluster, std::string name, std::uint32_t workers, const QueueLimits& limits, Reconcile reconcile)
    : cluster_(cluster),
      name_(std::move(name)),
      workers_(workers),
      limits_(limits),
      bucket_(limits.qps, limits.burst),
      reconcile_(std::move(reconcile)),
      self_(cluster.kernel().add(*this)),
      usual_(cluster.kernel().fixed_delay(std::chrono::seconds{1}, Phase::timer)) {}

WorkQueue::~WorkQueue() {
  for (std::uint32_t i = 0; i < items_.size(); ++i)
    if (items_[i].runner) items_[i].runner.destroy();
}

/// Forgets an item that nothing is known of any more.
void WorkQueue::release(std::uint32_t i) {
  const Item& item = items_[i];
  if (!item.dirty && !item.processing && item.failures == 0 && !item.timer) items_.release(i);
}

void WorkQueue::add(ObjectKeyView key) { add_item(items_.place_of(key)); }
void WorkQueue::add_after(ObjectKeyView key, Duration d) { add_item_after(items_.place_of(key), d); }
void WorkQueue::add_rate_limited(ObjectKeyView key) { add_item_rate_limited(items_.place_of(key)); }

void WorkQueue::add_item(std::uint32_t i) {
  Item& item = items_[i];
  if (item.dirty) return;
  item.dirty = true;
  if (item.processing) return;  // runs again when it is done
  ready_.push_back(i);
  pump();
}

void WorkQueue::add_item_after(std::uint32_t i, Duration d) {
  if (d.count() <= 0) return add_item(i);
  Item& item = items_[i];
  const Time due = add_checked(cluster_.now(), d);
  if (item.timer) {
    if (item.due <= due) return;
    cluster_.kernel().cancel(item.timer);
  }
  item.due = due;
  item.timer = d == usual_.delay ? cluster_.kernel().after(usual_, self_, kTimer, i) : cluster_.kernel().at(due, Phase::timer, self_, kTimer, i);
}

void WorkQueue::add_item_rate_limited(std::uint32_t i) {
  Item& item = items_[i];
  Duration d = limits_.base;
  for (std::uint32_t k = 0; k < item.failures && d < limits_.max; ++k) d *= 2;
  d = std::min(d, limits_.max);
  ++item.failures;
  add_item_after(i, std::max(d, bucket_.reserve(cluster_.now())));
}

void WorkQueue::forget(ObjectKeyView key) {
  const std::uint32_t i = items_.find(key);
  if (i == items_.kNone) return;
  items_[i].failures = 0;
  release(i);
}

std::uint32_t WorkQueue::failures(ObjectKeyView key) {
  const Item* item = items_.find_value(key);
  return item == nullptr ? 0 : item->failures;
}

void WorkQueue::start() {
  running_ = true;
  pump();
}

void WorkQueue::stop() {
  running_ = false;
  ready_.clear();
  for (std::uint32_t i = 0; i < items_.size(); ++i) {
    Item& item = items_[i];
    cluster_.kernel().cancel(item.timer);
    item.dirty = false;
    item.failures = 0;
    if (items_.used(i) && !item.processing) release(i);
  }
}

void WorkQueue::pump() {
  if (!running_ || dispatch_pending_ || ready_.empty() || busy_ >= workers_) return;
  dispatch_pending_ = true;
  cluster_.kernel().at_once(Phase::reconcile, self_, kDispatch);
}

void WorkQueue::on_event(const Event& e) {
  if (e.kind == kDispatch) {
    dispatch_pending_ = false;
    return dispatch();
  }
  const auto i = static_cast<std::uint32_t>(e.a);
  items_[i].timer = {};
  cluster_.store().fetch_slot(items_.key(i).slot);  // nobody has looked there for long
  add_item(i);
}

void WorkQueue::dispatch() {
  while (running_ && busy_ < workers_ && !ready_.empty()) {
    const std::uint32_t i = ready_.front();
    ready_.pop_front();
    if (!ready_.empty())
      if (const Object* next = cluster_.store().cached_at(items_.key(ready_.front()).slot)) fetch_ahead(next, sizeof(Pod));
    Item& item = items_[i];
    item.dirty = false;
    item.processing = true;
    ++busy_;
    Task<Outcome> task = reconcile_(items_.key(i));
    if (task.ready())
      finished(i, task.take());
    else
      run(i, std::move(task));
  }
}

/// Owns the reconcile of one item; its frame goes away by itself when the reconcile is done.
WorkQueue::Runner WorkQueue::run(std::uint32_t i, Task<Outcome> task) {
  items_[i].runner = co_await Runner::self();
  const Outcome outcome = co_await task;
  items_[i].runner = {};
  finished(i, outcome);
}

void WorkQueue::finished(std::uint32_t i, const Outcome& outcome) {
  Item& item = items_[i];
  item.processing = false;
  --busy_;
  if (!running_) {
    item.dirty = false;
    release(i);
    return;
  }
  if (outcome.error) {
    add_item_rate_limited(i);
  } else {
    if (!outcome.keep_failures) item.failures = 0;
    if (outcome.requeue_after.count() >= 0) add_item_after(i, outcome.requeue_after);
  }
  if (item.dirty)
    ready_.push_back(i);
  else
    release(i);
  pump();
}

}  // namespace orrery
