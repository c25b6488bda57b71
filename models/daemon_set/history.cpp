// The revisions of a set's template (D-090 … D-096).
#include <algorithm>

#include <fmt/format.h>

#include "daemon_set_controller.hpp"
#include "orrery/cluster/symbols.hpp"
#include "template_hash.hpp"

namespace orrery::daemon {

Task<bool> DaemonSetController::claim_revisions(Sync& s, std::vector<Ref<const ControllerRevision>>& claimed) {
  std::vector<Ref<const ControllerRevision>> all;
  if (auto it = revisions_.find(s.set->ns()); it != revisions_.end())
    for (const auto& [name, r] : it->second) all.push_back(r);
  Adoption adoption = Adoption::unknown;
  bool ok = true;
  for (const auto& r : all) {
    const OwnerReference* owner = r->meta.controller();
    const bool matches = labels_match(s.set->spec->selector, r->meta.labels().get());
    if (owner != nullptr) {
      if (owner->uid != s.set->uid()) continue;
      if (matches) {
        claimed.push_back(r);
        continue;
      }
    } else if (!matches || r->meta.deleted) {
      continue;
    } else {
      Task<bool> asking = may_adopt(s, adoption);
      const bool allowed = co_await asking;
      if (!allowed) {
        ok = false;
        continue;
      }
    }
    const bool adopting = owner == nullptr;
    Client::Call call = client().patch(Kind::controllerrevision, r->ns(), r->name(), r->uid(), adopting ? adopt : release, 0, s.set);
    const ApiResult done = co_await call;
    if (done.ok()) {
      if (adopting) claimed.push_back(r);
    } else if (done.status != ApiStatus::not_found && !(!adopting && done.status == ApiStatus::invalid)) {
      ok = false;
    }
  }
  co_return ok;
}

/// D-093: finds or makes the revision of the template as it is.
Task<bool> DaemonSetController::construct_history(Sync& s) {
  std::vector<Ref<const ControllerRevision>> claimed, same;
  Task<bool> claiming = claim_revisions(s, claimed);
  const bool ok = co_await claiming;
  if (!ok) co_return false;
  std::int64_t newest_old = 0;
  for (Ref<const ControllerRevision> r : claimed) {
    if (r->meta.label(kHashLabel) == nullptr) {
      Ref<ControllerRevision> labelled = clone_as(*r);
      labelled->meta.set_labels(with_labels(r->meta.labels().get(), {{kHashLabel, std::string(r->name())}}));
      Client::Call call = client().update(std::move(labelled));
      const ApiResult done = co_await call;
      if (!done.ok()) co_return false;
      r = Ref<const ControllerRevision>(static_cast<const ControllerRevision*>(done.object.get()));
    }
    if (r->data->text == s.set->spec->revision_data()) {
      same.push_back(r);
    } else {
      newest_old = std::max(newest_old, r->revision);
      s.old.push_back(r);
    }
  }
  const std::int64_t number = newest_old + 1;
  if (same.empty()) {
    Task<bool> making = snapshot(s, number);
    const bool made = co_await making;
    co_return made;
  }
  Task<bool> dropping = drop_duplicates(s, std::move(same));
  const bool dropped = co_await dropping;
  if (!dropped) co_return false;
  if (s.current->revision < number) {
    Ref<ControllerRevision> next = clone_as(*s.current);
    next->revision = number;
    Client::Call call = client().update(std::move(next));
    const ApiResult done = co_await call;
    if (!done.ok()) co_return false;
  }
  co_return true;
}

/// D-094.
Task<bool> DaemonSetController::snapshot(Sync& s, std::int64_t number) {
  const DaemonSet& set = *s.set;
  const std::string hash = template_hash(*set.spec, set.status.collisions);
  const std::string name = fmt::format("{}-{}", set.name(), hash);
  auto revision = make_ref<ControllerRevision>();
  revision->meta.id = Identity::make(Kind::controllerrevision, set.ns(), name);
  revision->meta.set_labels(with_labels(set.spec->pod_template->labels.get(), {{kHashLabel, hash}}));
  revision->meta.set_annotations(set.meta.annotations());
  revision->meta.set_owners(s.table->owners());
  auto data = make_ref<ControllerRevision::Data>();
  data->text = set.spec->revision_data();
  revision->data = std::move(data);
  revision->revision = number;
  Client::Call call = client().create(std::move(revision));
  const ApiResult made = co_await call;
  if (made.ok()) {
    s.current = Ref<const ControllerRevision>(static_cast<const ControllerRevision*>(made.object.get()));
    co_return true;
  }
  if (made.status != ApiStatus::already_exists) co_return false;
  Client::Call get = client().get(Kind::controllerrevision, set.ns(), name);
  const ApiResult there = co_await get;
  if (!there.ok()) co_return false;
  const auto& other = static_cast<const ControllerRevision&>(*there.object);
  if (other.data->text == set.spec->revision_data()) {
    s.current = Ref<const ControllerRevision>(&other);
    co_return true;
  }
  // Another template has this name: count it, and the next sync makes another hash.
  Client::Call get_set = client().get(Kind::daemonset, set.ns(), set.name());
  const ApiResult fresh = co_await get_set;
  if (!fresh.ok()) co_return false;
  Ref<DaemonSet> next = clone_as(static_cast<const DaemonSet&>(*fresh.object));
  if (next->status.collisions != set.status.collisions) co_return false;
  next->status.collisions = std::max(0, next->status.collisions) + 1;
  Client::Call write = client().update_status(std::move(next));
  (void)co_await write;  // a failure either way: the sync is repeated
  co_return false;
}

namespace {
struct HashLabel : Object {
  explicit HashLabel(std::string text) : Object(Kind::other), hash(std::move(text)) {}
  std::string hash;
};
bool set_hash(Cluster&, Object& copy, std::uint64_t, const RefCounted* payload) {
  const auto& wanted = static_cast<const HashLabel&>(*static_cast<const Object*>(payload));
  copy.meta.set_labels(with_labels(copy.meta.labels().get(), {{kHashLabel, wanted.hash}}));
  return true;
}
}  // namespace

/// D-095.
Task<bool> DaemonSetController::drop_duplicates(Sync& s, std::vector<Ref<const ControllerRevision>> same) {
  s.current = same.front();
  for (const auto& r : same)
    if (r->revision >= s.current->revision) s.current = r;
  if (same.size() == 1) co_return true;
  Task<bool> claiming = claim_pods(s);
  const bool claimed = co_await claiming;
  if (!claimed) co_return false;
  const std::string* kept = s.current->meta.label(kHashLabel);
  const std::string hash = kept != nullptr ? *kept : std::string{};
  std::vector<std::string> pods;
  s.table->each_pod([&](const Pod& pod) {
    const std::string* label = pod.meta.label(kHashLabel);
    if (label == nullptr || *label != hash) pods.emplace_back(pod.name());
  });
  const Ref<const Object> payload = make_ref<HashLabel>(hash);
  for (const std::string& name : pods) {
    Client::Call call = client().patch(Kind::pod, s.set->ns(), name, {}, set_hash, 0, payload);
    const ApiResult r = co_await call;
    if (!r.ok()) co_return false;
  }
  for (const auto& r : same) {
    if (r->name() == s.current->name()) continue;
    Client::Call call = client().remove(Kind::controllerrevision, r->ns(), r->name(), {});
    const ApiResult gone = co_await call;
    if (!gone.ok()) co_return false;
  }
  co_return true;
}

/// D-096.
Task<bool> DaemonSetController::clean_up_history(Sync& s) {
  Task<bool> claiming = claim_pods(s);
  const bool claimed = co_await claiming;
  if (!claimed) co_return false;
  std::int64_t excess = static_cast<std::int64_t>(s.old.size()) - s.set->spec->revision_history_limit;
  if (excess <= 0) co_return true;
  std::set<std::string> live;
  s.table->each_pod([&](const Pod& pod) {
    if (const std::string* hash = pod.meta.label(kHashLabel)) live.insert(*hash);
  });
  std::stable_sort(s.old.begin(), s.old.end(), [](const auto& a, const auto& b) { return a->revision < b->revision; });
  for (const auto& r : s.old) {
    if (excess <= 0) break;
    const std::string* hash = r->meta.label(kHashLabel);
    if (hash != nullptr && live.contains(*hash)) continue;
    Client::Call call = client().remove(Kind::controllerrevision, r->ns(), r->name(), {});
    const ApiResult gone = co_await call;
    if (!gone.ok()) co_return false;
    --excess;
  }
  co_return true;
}

}  // namespace orrery::daemon
