#include "orrery/cluster/client.hpp"

#include <cmath>

#include <fmt/format.h>

#include "job_status_rules.hpp"
#include "orrery/cluster/eviction.hpp"
#include "orrery/core/check.hpp"

namespace orrery {

// ---- the limiter

double TokenBucket::advance(Time now) const {
  if (!used_ || now <= last_) return tokens_;
  const std::int64_t ns = (now - last_).count();
  const double seconds = static_cast<double>(ns / 1'000'000'000) + static_cast<double>(ns % 1'000'000'000) / 1e9;
  const double grown = tokens_ + seconds * qps_;
  return grown > burst_ ? burst_ : grown;
}

Duration TokenBucket::reserve(Time now) {
  if (qps_ <= 0) return {};
  const double tokens = advance(now) - 1;
  tokens_ = tokens;
  if (!used_ || now > last_) last_ = now;
  used_ = true;
  if (tokens >= 0) return {};
  return Duration(static_cast<std::int64_t>(-tokens / qps_ * 1e9));
}

bool TokenBucket::try_take(Time now) {
  if (qps_ <= 0) return true;
  const double tokens = advance(now) - 1;
  if (tokens < 0) return false;
  tokens_ = tokens;
  last_ = now;
  used_ = true;
  return true;
}

// ---- calls

namespace {
enum : std::uint16_t { kArrived = 1, kTurn = 2, kResume = 3 };
constexpr std::uint32_t kNoGroup = UINT32_MAX;

/// What decoding does to a Job that has no labels of its own, on every write (J-002).
void default_labels(Object& o) {
  if (o.kind != Kind::job || o.meta.labels()) return;
  const Job& job = static_cast<const Job&>(o);
  o.meta.set_labels(job.spec->pod_template->labels);
}
}  // namespace

Client::Client(Cluster& cluster, std::string name, const Options& options)
    : cluster_(cluster),
      name_(std::move(name)),
      self_(cluster.kernel().add(*this, true)),
      latency_(cluster.kernel().fixed_delay(cluster.timing().api_latency + options.skew, Phase::commit)),
      waiting_(cluster.kernel().sequence(Phase::commit)) {
  // client-go keeps its qps as a float32.
  if (options.qps_milli > 0) limiter_ = TokenBucket(static_cast<double>(static_cast<float>(static_cast<double>(options.qps_milli) / 1000.0)), options.burst);
}

CallId Client::begin(Verb verb) {
  const CallId id = take_call(verb);
  arrive_after(limiter_.reserve(cluster_.now()), id);
  return id;
}

/// Once its turn in the limiter has come.
void Client::arrive_after(Duration wait, CallId id) {
  if (wait.count() == 0) cluster_.kernel().after(latency_, self_, kArrived, id);
  else cluster_.kernel().at(waiting_, add_checked(cluster_.now(), wait + latency_.delay), self_, kArrived, id);
}

CallId Client::take_call(Verb verb) {
  const CallId id = calls_.take();
  calls_[id].verb = verb;
  return id;
}

void Client::set_target(Pending& c, const Object& target, Uid uid) {
  c.target = target.meta.id;
  c.slot = target.meta.id->slot;
  c.same_uid = uid == target.uid();
  if (uid && !c.same_uid) c.rare = std::make_unique<Rare>(Rare{0, {}, uid, {}});
}
void Client::set_target(Pending& c, Kind kind, Symbol ns, std::string_view name, Uid uid) {
  c.kind = kind;
  c.rare = std::make_unique<Rare>(Rare{ns, std::string(name), uid, {}});
}

void Client::set_options(Pending& c, const DeleteOptions& options) {
  c.propagation = options.propagation;
  c.argument = options.resource_version;
  c.grace_s = options.grace_s;
}
void Client::set_patch(Pending& c, PatchFunction f, std::uint64_t argument, Ref<const Object> payload) {
  c.function = f;
  c.argument = argument;
  c.object = std::move(payload);
}
DeleteOptions Client::options_of(const Pending& c) {
  return {.grace_s = c.grace_s, .propagation = c.propagation, .uid = c.uid(), .resource_version = c.argument};
}

CallId Client::start_create(Ref<Object> object) {
  const CallId id = begin(Verb::create);
  calls_[id].kind = object->kind;
  calls_[id].object = std::move(object);
  return id;
}
CallId Client::start_update(Ref<Object> object) {
  const CallId id = begin(Verb::update);
  calls_[id].kind = object->kind;
  calls_[id].object = std::move(object);
  return id;
}
CallId Client::start_patch(Kind kind, Symbol ns, std::string_view name, Uid uid, PatchFunction f, std::uint64_t argument, Ref<const Object> payload) {
  const CallId id = begin(Verb::patch);
  set_target(calls_[id], kind, ns, name, uid);
  set_patch(calls_[id], f, argument, std::move(payload));
  return id;
}
CallId Client::start_patch(const Object& target, Uid uid, PatchFunction f, std::uint64_t argument, Ref<const Object> payload) {
  const CallId id = begin(Verb::patch);
  set_target(calls_[id], target, uid);
  set_patch(calls_[id], f, argument, std::move(payload));
  return id;
}
CallId Client::start_remove(Kind kind, Symbol ns, std::string_view name, const DeleteOptions& options) {
  const CallId id = begin(Verb::remove);
  set_target(calls_[id], kind, ns, name, options.uid);
  set_options(calls_[id], options);
  return id;
}
CallId Client::start_remove(const Object& target, const DeleteOptions& options) {
  const CallId id = begin(Verb::remove);
  set_target(calls_[id], target, options.uid);
  set_options(calls_[id], options);
  return id;
}
CallId Client::start_evict(Symbol ns, std::string_view name, const DeleteOptions& options) {
  const Duration wait = limiter_.reserve(cluster_.now());
  const CallId id = take_call(Verb::evict);
  calls_[id].argument = cluster_.evictions().enter(*this, id, cluster_.now() + wait + latency_.delay, ns, name, options);
  arrive_after(wait, id);
  return id;
}
CallId Client::start_get(Kind kind, Symbol ns, std::string_view name) {
  const CallId id = begin(Verb::get);
  set_target(calls_[id], kind, ns, name, {});
  return id;
}

void Client::on_event(const Event& e) {
  if (e.kind == kResume) {
    std::coroutine_handle<>::from_address(reinterpret_cast<void*>(e.a)).resume();
    return;
  }
  const auto id = static_cast<CallId>(e.a);
  Pending& c = calls_[id];
  if (c.verb == Verb::evict) return cluster_.evictions().arrived(c.argument);
  if (e.kind == kArrived && c.verb != Verb::get) {
    const Time turn = cluster_.reserve_commit();
    if (turn > cluster_.now()) {
      cluster_.kernel().at(turn, Phase::commit, self_, kTurn, id);
      return;
    }
  }
  finish(id, cluster_.api_down || cut_off_ ? ApiResult{ApiStatus::unavailable, "the API server does not answer"} : execute(c));
}

void Client::fetch(const ComingEvent& e, unsigned step) const {
  if (e.kind == kResume) return;
  const auto id = static_cast<CallId>(e.a);
  const Pending* c = calls_.find(id);
  if (c == nullptr) return;
  if (step == 0) return fetch_ahead(c, sizeof *c);
  if (c->done || !c->target) return;
  if (step == 1) fetch_ahead(c->target.get(), sizeof(Identity));
  cluster_.store().fetch_behind(c->slot, step - 1);
}

Ref<Object> Client::take_own(Pending& c) {
  // It was handed over as one that may be changed.
  Ref<Object> own(const_cast<Object*>(c.object.get()));
  c.object.reset();
  return own;
}

ApiResult Client::execute(Pending& c) {
  Store& store = cluster_.store();
  switch (c.verb) {
    case Verb::create: return store.create(take_own(c));
    case Verb::update: {
      Ref<Object> next = take_own(c);
      default_labels(*next);
      if (c.kind == Kind::job) {
        const Job& job = static_cast<const Job&>(*next);
        const Job* old = static_cast<const Job*>(store.live_like(*job.meta.id));
        if (old != nullptr && old->meta.resource_version == job.meta.resource_version) {
          std::string why = job_status_problem(*old, job);
          if (!why.empty()) return {ApiStatus::invalid, fmt::format("Job.batch \"{}\" is invalid: {}", job.name(), why)};
        }
      }
      const std::uint64_t expected = next->meta.resource_version;
      return store.replace(std::move(next), expected);
    }
    case Verb::patch: {
      const Object* old = c.target ? store.live_like(*c.target) : store.live(c.kind, c.rare->ns, c.rare->name);
      const Kind kind = c.target ? c.target->kind : c.kind;
      const std::string_view name = c.target ? c.target->name() : std::string_view(c.rare->name);
      if (old == nullptr) return {ApiStatus::not_found, fmt::format("{} \"{}\" not found", resource_name(kind), name)};
      if (const Uid uid = c.uid(); uid && uid != old->uid())
        return {ApiStatus::conflict, fmt::format("Operation cannot be fulfilled on {} \"{}\": uid mismatch", resource_name(kind), name)};
      Ref<Object> next = clone(*old);
      if (!c.function(cluster_, *next, c.argument, c.object.get())) return {ApiStatus::ok, Ref<const Object>(old)};
      default_labels(*next);
      return store.replace(std::move(next));
    }
    case Verb::remove: return c.target ? store.remove(*c.target, options_of(c)) : store.remove(c.kind, c.rare->ns, c.rare->name, options_of(c));
    case Verb::get: {
      const Object* o = store.live(c.kind, c.rare->ns, c.rare->name);
      if (o == nullptr) return {ApiStatus::not_found, fmt::format("{} \"{}\" not found", resource_name(c.kind), c.rare->name)};
      return {ApiStatus::ok, Ref<const Object>(o)};
    }
    case Verb::evict: break;
  }
  return {};
}

void Client::answer(CallId id, ApiResult result) { finish(id, std::move(result)); }

void Client::finish(CallId id, ApiResult result) {
  Pending& c = calls_[id];
  c.done = true;
  c.target.reset();
  c.object = std::move(result.object);
  c.refused = !result.ok();
  if (c.refused) {
    if (!c.rare) c.rare = std::make_unique<Rare>();
    c.rare->refusal = std::move(result);
  } else {
    c.rare.reset();
  }
  if (c.waiting) {
    resume_later(c.waiting);
  } else if (c.group != kNoGroup) {
    Group& g = groups_[c.group];
    if (g.forgets) (void)take(id);
    if (--g.open == 0 && g.waiting) resume_later(g.waiting);
  }
}

void Client::resume_later(std::coroutine_handle<> h) {
  // Everything else that happens at this instant comes first: a controller goes on with what it can know by then.
  cluster_.kernel().at_once(Phase::reconcile, self_, kResume, reinterpret_cast<std::uint64_t>(h.address()));
}

Client::All Client::group_of(std::span<const CallId> calls, bool forgets) {
  std::uint32_t group;
  if (free_groups_.empty()) {
    group = static_cast<std::uint32_t>(groups_.size());
    groups_.emplace_back();
  } else {
    group = free_groups_.back();
    free_groups_.pop_back();
  }
  groups_[group] = {};
  groups_[group].forgets = forgets;
  for (CallId id : calls) {
    Pending& c = calls_[id];
    if (c.done) {
      if (forgets) (void)take(id);
      continue;
    }
    c.group = group;
    ++groups_[group].open;
  }
  return {this, group};
}

ApiResult Client::take(CallId id) {
  ORRERY_CHECK(calls_[id].done, "an answer was taken before the call ended");
  Pending& c = calls_[id];
  ApiResult out;
  if (c.refused) out = std::move(c.rare->refusal);
  out.object = std::move(c.object);
  calls_.give_back(id);
  return out;
}

void Client::Sleep::await_suspend(std::coroutine_handle<> h) {
  client->cluster_.kernel().after(delay, Phase::reconcile, client->self_, kResume, reinterpret_cast<std::uint64_t>(h.address()));
}

}  // namespace orrery
