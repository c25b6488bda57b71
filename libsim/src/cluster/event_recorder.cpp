#include "orrery/cluster/event_recorder.hpp"

#include <algorithm>
#include <charconv>

#define XXH_INLINE_ALL
#include <xxhash.h>

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
      latency_(cluster.kernel().fixed_delay(cluster.timing().api_latency + skew, Phase::commit)) {}

EventRecorder::Hash EventRecorder::Hash::of(std::string_view text) {
  if (text.empty()) return {};
  const XXH128_hash_t h = XXH3_128bits(text.data(), text.size());
  return {h.low64, h.high64};
}

template <std::size_t kSize>
EventRecorder::Hash EventRecorder::Hash::of(const std::uint64_t (&words)[kSize]) {
  const XXH128_hash_t h = XXH3_128bits(words, sizeof words);
  return {h.low64, h.high64};
}

EventRecorder::Keys EventRecorder::keys_of(const Waiting& w, const Hash& message) {
  const Identity& on = *w.on;
  // The name counts beside the UID: some controllers name an object without one (taint eviction its pods).
  const Hash name = Hash::of(on.name()), field = Hash::of(w.field_path);
  Keys out;
  out.object = Hash::of(
      {on.uid.hi, on.uid.lo, std::uint64_t{on.ns} << 32 | w.type, static_cast<std::uint64_t>(on.kind), name.low, name.high, field.low, field.high});
  out.alike = Hash::of({out.object.low, out.object.high, w.reason});
  out.seen = Hash::of({out.alike.low, out.alike.high, message.low, message.high});
  return out;
}

std::size_t EventRecorder::Similar::add(const Hash& another) {
  if (!used) {
    used = true;
    message = another;
    return 1;
  }
  if (message != another) {
    if (!messages) messages = std::make_unique<std::vector<Hash>>();
    if (std::find(messages->begin(), messages->end(), another) == messages->end()) messages->push_back(another);
  }
  return messages ? messages->size() + 1 : 1;
}

/// Of several.
void EventRecorder::Similar::forget_oldest() {
  message = messages->front();
  messages->erase(messages->begin());
}

Ref<EventObject> EventObject::make(std::string_view message, std::string_view field_path) {
  Ref<EventObject> e(new (message.size() + field_path.size()) EventObject());
  e->keep(message, field_path);
  return e;
}

Ref<EventObject> EventObject::make(const EventObject& from, std::string_view message) {
  Ref<EventObject> e(new (message.size() + from.field_path.size()) EventObject(from));
  e->keep(message, from.field_path);
  return e;
}

/// Behind the object, where there is room for them.
void EventObject::keep(std::string_view text, std::string_view path) {
  char* at = reinterpret_cast<char*>(this + 1);
  message = {at, text.size()};
  field_path = {std::copy(text.begin(), text.end(), at), path.size()};
  std::copy(path.begin(), path.end(), at + text.size());
}

namespace {
/// As client-go makes it: the name of the object and the time in hexadecimal nanoseconds.
std::string event_name(const Identity& on, Time named) {
  char digits[16];
  const char* end = std::to_chars(digits, digits + sizeof digits, static_cast<std::uint64_t>(named.time_since_epoch().count()), 16).ptr;
  std::string out;
  out.reserve(on.name().size() + 1 + sizeof digits);
  out.append(on.name()).append(1, '.').append(digits, static_cast<std::size_t>(end - digits));
  return out;
}
}  // namespace

void EventRecorder::event(const Object& on, Symbol type, Symbol reason, std::string message, std::string field_path, Symbol host) {
  Waiting w{on.meta.id, on.meta.resource_version, cluster_.now(), std::move(message), std::move(field_path), type, reason, host, life_};
  if (posting_)
    queue_.push_back(std::move(w));
  else
    post(std::move(w));
}

Ref<EventObject> EventRecorder::make_event(const Waiting& w, Time named, const Posted& seen) const {
  Ref<EventObject> e = EventObject::make(w.message, w.field_path);
  const Symbol ns = w.on->ns != 0 ? w.on->ns : Symbol{sym::default_};
  e->meta.id = Identity::make(Kind::event, ns, seen.event_name ? *seen.event_name : event_name(*w.on, seen.named));
  e->on = w.on;
  e->on_resource_version = w.resource_version;
  e->type = w.type;
  e->reason = w.reason;
  e->component = component_symbol_;
  e->host = w.host;
  e->first = stamp(seen.named);
  e->last = stamp(named);
  e->count = seen.count;
  return e;
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

/// Correlation happens when an event's turn comes, not when it is made. It may be dropped then.
void EventRecorder::post(Waiting w) {
  const Time now = cluster_.now();
  current_.life = w.life;
  const Hash message = Hash::of(w.message);
  const Keys keys = keys_of(w, message);
  Time named = w.at;

  Similar& similar = similar_.get(keys.alike, [now](Similar& fresh) {
    fresh.clear();
    fresh.last = now;
  });
  if (now - similar.last > kSimilarInterval) similar.clear();
  similar.last = now;
  const bool combined = similar.add(message) >= kSimilarMax;
  if (combined) {
    // Upstream drops any one message of the set; the oldest here.
    similar.forget_oldest();
    named = now;
  }
  current_.key = combined ? keys.alike : keys.seen;

  Posted& seen = seen_.get(current_.key);
  current_.update = seen.count > 0;
  if (!current_.update) seen.named = named;
  ++seen.count;

  TokenBucket& spam = spam_.get(keys.object, [](TokenBucket& fresh) { fresh = TokenBucket(kSpamQps, kSpamBurst); });
  if (!spam.try_take(now)) return;
  if (combined) w.message.insert(0, "(combined from similar events): ");
  current_.object = make_event(w, named, seen);
  posting_ = true;
  cluster_.kernel().after(latency_, self_, kPosted);
  // What is forgotten for the next Event has not been looked at for long.
  similar_.fetch_oldest();
  seen_.fetch_oldest();
  spam_.fetch_oldest();
}

/// Takes events until one is posted.
void EventRecorder::post_next() {
  posting_ = false;
  while (!queue_.empty() && !posting_) {
    Waiting w = std::move(queue_.front());
    queue_.pop_front();
    post(std::move(w));
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
    cluster_.kernel().after(latency_, self_, kPosted);
    return;
  }
  if (old != nullptr) {
    Ref<EventObject> next = EventObject::make(static_cast<const EventObject&>(*old), e.message);
    next->count = e.count;
    next->last = e.last;
    next->first = e.first;
    (void)store.replace(std::move(next));
  } else {
    // Names are made of nanoseconds, which virtual time repeats.
    std::string base;
    for (int n = 1; store.create(current_.object).status == ApiStatus::already_exists; ++n) {
      if (n == 1) base = e.name();
      e.meta.id = Identity::make(Kind::event, e.ns(), base + '.' + std::to_string(n));
    }
    if (!base.empty())
      if (Posted* seen = seen_.find(current_.key)) seen->event_name = std::make_unique<std::string>(e.name());
  }
  current_.object.reset();
  post_next();
}

}  // namespace orrery
