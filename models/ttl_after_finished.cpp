// TTL-after-finished: J-280 … J-283.
// upstream: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go
#include <optional>

#include "orrery/cluster/symbols.hpp"
#include "orrery/models/housekeeping.hpp"

namespace orrery {
namespace {

bool needs_cleanup(const Job& job) { return job.meta.deleted == Stamp{} && job.spec->ttl_s != kUnset && job.status.finished(); }

/// When the job's time is over; nothing where a finished job does not say when it finished.
std::optional<Time> expiry(const Job& job) {
  for (const Condition& c : job.status.conditions) {
    if ((c.type != sym::Complete && c.type != sym::Failed) || c.status != sym::True) continue;
    if (!c.transition) return std::nullopt;
    return add_checked(time_of(c.transition), multiply_checked(std::chrono::seconds{1}, job.spec->ttl_s));
  }
  return std::nullopt;
}

class TtlController final : public Controller {
 public:
  explicit TtlController(Cluster& cluster)
      : Controller(cluster, {.name = "ttl", .component = "ttl-after-finished-controller", .position = 3}),
        queue_(cluster, "ttl queue", 5, {}, [this](const ObjectKey& key) { return reconcile(key); }) {}

  bool watches(Kind kind) const override { return kind == Kind::job; }

  void on_change(const Change& change) override {
    if (change.type == ChangeType::deleted) return;
    if (needs_cleanup(static_cast<const Job&>(*change.object))) queue_.add(key_of(*change.object));
  }
  void on_start() override { queue_.start(); }
  void on_stop() override { queue_.stop(); }

 private:
  /// What there is to do before the deletion: nothing (the job is due) or the outcome to end with.
  std::optional<Outcome> too_early(const Job& job) const {
    if (!needs_cleanup(job)) return Outcome::ok();
    const std::optional<Time> expires = expiry(job);
    if (!expires) return Outcome::failed();
    if (*expires > now()) return Outcome::again_after(subtract_checked(*expires, now()));
    return std::nullopt;
  }

  Task<Outcome> reconcile(const ObjectKey& key) {
    const Job* cached = store().cached_job(key.ns, key.name);
    if (cached == nullptr) co_return Outcome::ok();
    if (const auto outcome = too_early(*cached)) co_return *outcome;
    // The cache may lag behind a changed TTL.
    const ApiResult fresh = co_await client().get(Kind::job, key.ns, key.name);
    if (fresh.status == ApiStatus::not_found) co_return Outcome::ok();
    if (!fresh.ok()) co_return Outcome::failed();
    if (const auto outcome = too_early(static_cast<const Job&>(*fresh.object))) co_return *outcome;
    const DeleteOptions how{.propagation = Propagation::foreground, .uid = fresh.object->uid()};
    const ApiResult gone = co_await client().remove(Kind::job, key.ns, key.name, how);
    co_return gone.ok() ? Outcome::ok() : Outcome::failed();
  }

  WorkQueue queue_;
};

}  // namespace

std::unique_ptr<Controller> make_ttl_controller(Cluster& cluster) { return std::make_unique<TtlController>(cluster); }

}  // namespace orrery
