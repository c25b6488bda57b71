#include "orrery/cluster/event_recorder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "orrery/cluster/symbols.hpp"

namespace orrery {

namespace {
// client-go's defaults: staging/src/k8s.io/client-go/tools/record/events_cache.go
constexpr std::size_t kSimilarMax = 10;
constexpr Duration kSimilarInterval = std::chrono::seconds{600};
constexpr std::int32_t kSpamBurst = 25;
constexpr double kSpamQps = static_cast<double>(1.0F / 300.0F);  // a float32 there, slightly more than 1/300
// The recorder tries so often to post an Event, then drops it: client-go tools/record/event.go.
constexpr int kTriesMax = 12;
constexpr Duration kRetryInterval = std::chrono::seconds{10};
enum : std::uint16_t { kPosted = 1 };
}  // namespace

EventRecorder::EventRecorder(Cluster& cluster, std::string component, Duration skew)
    : cluster_(cluster),
      component_(std::move(component)),
      component_symbol_(cluster.symbol(component_)),
      self_(cluster.kernel().add(*this)),
      latency_(cluster.timing().api_latency + skew) {}

void EventRecorder::event(const Object& on, Symbol type, Symbol reason, std::string message, std::string field_path, Symbol host) {
  auto e = make_ref<EventObject>();
  auto id = make_ref<Identity>();
  id->kind = Kind::event;
  id->ns = on.ns() != 0 ? on.ns() : Symbol{sym::default_};
  id->name = fmt::format("{}.{:x}", on.name(), cluster_.now().time_since_epoch().count());
  e->meta.id = std::move(id);
  e->on_kind = on.kind;
  e->on_ns = on.ns();
  e->on_name = on.name();
  e->on_uid = on.uid();
  e->on_resource_version = on.meta.resource_version;
  e->type = type;
  e->reason = reason;
  e->component = component_symbol_;
  e->message = std::move(message);
  e->field_path = std::move(field_path);
  e->host = host;
  e->first = e->last = stamp(cluster_.now());
  queue_.push_back({std::move(e), life_});
  if (!posting_) post_next();
}

void EventRecorder::forget() {
  similar_ = {};
  seen_ = {};
  spam_ = {};
  ++life_;
  if (tries_ == 0) return;
  cluster_.kernel().cancel(retry_);
  tries_ = 0;
  current_.object.reset();
  queue_.clear();
  posting_ = false;
}

/// Takes events until one is to be posted: correlation happens when an event's turn comes, not when it is made.
void EventRecorder::post_next() {
  posting_ = false;
  while (!queue_.empty()) {
    Ref<EventObject> e = std::move(queue_.front().object);
    current_.life = queue_.front().life;
    queue_.pop_front();
    const std::string object_key = fmt::format("{}/{}/{}/{}/{}", static_cast<int>(e->on_kind), e->on_ns, e->on_name, e->on_uid.text(), e->field_path);
    const std::string similar_key = fmt::format("{}/{}/{}", object_key, e->type, e->reason);
    std::string key = fmt::format("{}/{}", similar_key, e->message);

    Similar& similar = similar_.get(similar_key);
    if (similar.used && cluster_.now() - similar.last > kSimilarInterval) similar.messages.clear();
    similar.used = true;
    similar.last = cluster_.now();
    if (std::find(similar.messages.begin(), similar.messages.end(), e->message) == similar.messages.end()) similar.messages.push_back(e->message);
    if (similar.messages.size() >= kSimilarMax) {
      // Upstream drops any one message of the set; the oldest here.
      similar.messages.erase(similar.messages.begin());
      e->message = "(combined from similar events): " + e->message;
      e->meta.id->name = fmt::format("{}.{:x}", e->on_name, cluster_.now().time_since_epoch().count());
      e->first = e->last = stamp(cluster_.now());
      key = similar_key;
    }

    Posted& seen = seen_.get(key);
    current_.update = seen.count > 0;
    if (current_.update) {
      e->meta.id->name = seen.event_name;
      e->first = seen.first;
      e->count = seen.count + 1;
    }
    seen.count = e->count;
    seen.event_name = e->meta.id->name;
    seen.first = e->first;

    TokenBucket& spam = spam_.get(fmt::format("{}/{}", object_key, e->type), [] { return TokenBucket(kSpamQps, kSpamBurst); });
    if (!spam.try_take(cluster_.now())) continue;
    current_.object = std::move(e);
    current_.key = std::move(key);
    posting_ = true;
    cluster_.kernel().after(latency_, Phase::commit, self_, kPosted);
    return;
  }
}

void EventRecorder::on_event(const Event&) {
  const bool orphan = current_.life != life_;
  if (cluster_.api_down && !orphan && ++tries_ < kTriesMax) {
    retry_ = cluster_.kernel().after(kRetryInterval, Phase::commit, self_, kPosted);
    return;
  }
  tries_ = 0;
  if (cluster_.api_down) {
    if (orphan) std::erase_if(queue_, [this](const Waiting& w) { return w.life != life_; });
    current_.object.reset();
    return post_next();
  }
  Store& store = cluster_.store();
  store.expire_events();
  EventObject& e = *current_.object;
  const Object* old = current_.update ? store.live(Kind::event, e.ns(), e.name()) : nullptr;
  if (current_.update && old == nullptr) {
    // Its predecessor was never posted: the patch is answered "not found", and a creation follows.
    current_.update = false;
    cluster_.kernel().after(latency_, Phase::commit, self_, kPosted);
    return;
  }
  if (old != nullptr) {
    auto next = make_ref<EventObject>(static_cast<const EventObject&>(*old));
    next->count = e.count;
    next->last = e.last;
    next->message = e.message;
    next->first = e.first;
    (void)store.replace(std::move(next));
  } else {
    // Names are made of nanoseconds, which virtual time repeats.
    const std::string base = e.name();
    for (int n = 1; store.live(Kind::event, e.ns(), e.name()) != nullptr; ++n) e.meta.id->name = fmt::format("{}.{}", base, n);
    if (Posted* seen = seen_.find(current_.key)) seen->event_name = e.name();
    (void)store.create(current_.object);
  }
  current_.object.reset();
  post_next();
}

}  // namespace orrery
