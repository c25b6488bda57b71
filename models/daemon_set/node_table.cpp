#include "node_table.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "support/owners.hpp"

namespace orrery::daemon {

using Json = nlohmann::json;

bool is_ready(const Pod& pod) { return condition_true(pod.conditions, sym::Ready); }

namespace {
/// When a ready pod becomes available; kNever where it has no transition time.
Time available_at(const Pod& pod, std::int64_t min_ready_s) {
  const Condition* c = find_condition(pod.conditions, sym::Ready);
  return c != nullptr && c->transition ? time_of(c->transition) + std::chrono::seconds{min_ready_s} : kNever;
}
bool terminal_and_terminating(const Pod& pod) { return pod.terminal() && pod.meta.deleted; }
}  // namespace

bool is_available(const Pod& pod, std::int64_t min_ready_s, Time now) {
  return is_ready(pod) && (min_ready_s == 0 || available_at(pod, min_ready_s) <= now);
}

bool comes_first(const Pod& a, const Pod& b) {
  if ((a.node == 0) != (b.node == 0)) return a.node != 0;
  if (a.meta.id->created != b.meta.id->created) return a.meta.id->created < b.meta.id->created;
  return a.name() < b.name();
}

Symbol target_node(const Pod& pod, Interner& names) {
  if (pod.node != 0) return pod.node;
  if (pod.spec->pinned_node != 0) return pod.spec->pinned_node;
  const Json::json_pointer path("/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms");
  const Json& spec = pod.spec->json();
  if (!spec.contains(path)) return 0;
  for (const Json& term : spec[path]) {
    auto fields = term.find("matchFields");
    if (fields == term.end()) continue;
    for (const Json& f : *fields) {
      if (f.value("key", "") != "metadata.name" || f.value("operator", "") != "In") continue;
      auto values = f.find("values");
      return values != f.end() && values->size() == 1 ? names.intern((*values)[0].get<std::string>()) : Symbol{0};
    }
  }
  return 0;
}

bool Revision::has_hash(const Pod& pod) const {
  const std::string* label = pod.meta.label(kHashLabel);
  return label != nullptr && !hash.empty() && *label == hash;
}
bool Revision::is_of(const Pod& pod) const {
  if (has_hash(pod)) return true;
  const std::string* label = pod.meta.label(kGenerationLabel);
  return label != nullptr && !generation.empty() && *label == generation;
}

NodeEntry::Two NodeEntry::two(const Revision& revision) const {
  Two out;
  for (const auto& pod : pods) {
    if (pod->meta.deleted) continue;
    const Pod*& place = revision.is_of(*pod) ? out.fresh : out.old;
    if (place != nullptr) {
      out.excess = true;
      return out;
    }
    place = pod.get();
  }
  return out;
}

Ref<const StringMap> with_labels(const StringMap* labels, std::vector<std::pair<std::string, std::string>> more) {
  if (labels != nullptr)
    for (const auto& item : labels->items)
      if (std::none_of(more.begin(), more.end(), [&](const auto& x) { return x.first == item.first; })) more.push_back(item);
  return make_string_map(std::move(more));
}

// ---- what is in it

NodeTable::NodeTable(Cluster& cluster, const DaemonSet& set) : cluster_(cluster), set_(&set) {
  for (const auto& o : cluster.store().cached_list(Kind::node)) take_node(cluster.symbol(o->name()));
  for (const auto& pod : cluster.store().cached_pods_of(set.uid())) put(*pod);
  for (const auto& pod : cluster.store().cached_orphans(set.ns())) orphan(*pod, true);
}

void NodeTable::orphan(const Pod& pod, bool there) {
  if (there && !pod.meta.deleted && labels_match(set_->spec->selector, pod.meta.labels().get()))
    orphans_.insert_or_assign(std::string(pod.name()), Ref<const Pod>(&pod));
  else
    orphans_.erase(std::string(pod.name()));
}

NodeEntry& NodeTable::entry(Symbol name) {
  const std::string_view text = cluster_.text(name);
  auto& e = entries_[text];
  if (!e) {
    e = std::make_unique<NodeEntry>();
    e->name = name;
    e->text = text;
  }
  return *e;
}

void NodeTable::mark(NodeEntry& e) {
  if (e.dirty) return;
  e.dirty = true;
  dirty_.push_back(&e);
}
void NodeTable::mark_all() {
  for (auto& [name, e] : entries_) mark(*e);
}

void NodeTable::take_node(Symbol name) {
  NodeEntry& e = entry(name);
  e.node = Ref<const Node>(cluster_.store().cached_node(cluster_.text(name)));
  mark(e);
}

void NodeTable::put(const Pod& pod) {
  drop(pod);
  if (!labels_match(set_->spec->selector, pod.meta.labels().get())) {
    strays_.insert_or_assign(std::string(pod.name()), Ref<const Pod>(&pod));
    return;
  }
  const Symbol target = target_node(pod, cluster_.names());
  if (target == 0) return;  // D-028: it belongs to no node, nobody counts it
  NodeEntry& e = entry(target);
  auto at = std::lower_bound(e.pods.begin(), e.pods.end(), pod, [](const Ref<const Pod>& a, const Pod& b) { return a->name() < b.name(); });
  e.pods.insert(at, Ref<const Pod>(&pod));
  place_[pod.uid()] = &e;
  mark(e);
}

void NodeTable::drop(const Pod& pod) {
  if (!strays_.empty())
    if (auto it = strays_.find(pod.name()); it != strays_.end() && it->second->uid() == pod.uid()) strays_.erase(it);
  auto it = place_.find(pod.uid());
  if (it == place_.end()) return;
  NodeEntry& e = *it->second;
  place_.erase(it);
  std::erase_if(e.pods, [&](const Ref<const Pod>& p) { return p->uid() == pod.uid(); });
  mark(e);
}

// ---- what it amounts to

void NodeTable::begin(Ref<const DaemonSet> set) {
  for (Symbol name : changed_nodes_) take_node(name);
  changed_nodes_.clear();
  const bool same = rule_ && set_->spec == set->spec;
  set_ = std::move(set);
  if (same) return;
  rule_ = NodeRule::of(*set_->spec, cluster_.names());
  mark_all();
}

void NodeTable::compare_with(const Revision& revision) {
  if (revision_ == revision) return;
  revision_ = revision;
  meta_of_ = {};
  mark_all();
}

void NodeTable::withdraw(NodeEntry& e) {
  totals_.desired -= e.desired;
  totals_.current -= e.current;
  totals_.misscheduled -= e.misscheduled;
  totals_.ready -= e.ready;
  totals_.available -= e.available;
  totals_.updated -= e.updated;
  totals_.surge_available -= e.surge_available;
  if (e.stage != Stage::outside) --totals_.stages[static_cast<std::size_t>(e.stage)];
  if (e.attention) attention_.erase(&e);
  if (e.due != kNever) ripening_.erase(&e);
  if (e.stage == Stage::old_ok) old_ok_.erase(&e);
  if (e.stage == Stage::old_bad) old_bad_.erase(&e);
  if (e.stage == Stage::both_new_ok) both_new_ok_.erase(&e);
}

void NodeTable::count(NodeEntry& e) {
  totals_.desired += e.desired;
  totals_.current += e.current;
  totals_.misscheduled += e.misscheduled;
  totals_.ready += e.ready;
  totals_.available += e.available;
  totals_.updated += e.updated;
  totals_.surge_available += e.surge_available;
  if (e.stage != Stage::outside) ++totals_.stages[static_cast<std::size_t>(e.stage)];
  if (e.attention) attention_.insert(&e);
  if (e.due != kNever) ripening_.insert(&e);
  if (e.stage == Stage::old_ok) old_ok_.insert(&e);
  if (e.stage == Stage::old_bad) old_bad_.insert(&e);
  if (e.stage == Stage::both_new_ok) both_new_ok_.insert(&e);
}

void NodeTable::evaluate(NodeEntry& e, Time now) {
  const DaemonSetSpec& spec = *set_->spec;
  const bool surge = spec.strategy == DaemonSetSpec::Strategy::rolling_update && spec.max_surge.of(1) > 0;
  const std::int64_t min_ready = spec.min_ready_s;
  e.fit = e.node ? rule_->judge(*e.node) : Fit{};
  const Pod* first = nullptr;
  std::size_t live = 0;
  bool over = false, going = true, unscheduled = false;
  e.due = kNever;
  for (const auto& p : e.pods) {
    const Pod& pod = *p;
    if (terminal_and_terminating(pod)) continue;
    if (first == nullptr || comes_first(pod, *first)) first = &pod;
    if (pod.node == 0) unscheduled = true;
    if (!pod.meta.deleted) {
      going = false;
      if (pod.terminal())
        over = true;
      else
        ++live;
    }
    if (min_ready > 0 && is_ready(pod))
      if (const Time at = available_at(pod, min_ready); at > now) e.due = std::min(e.due, at);
  }
  e.exists = first != nullptr;
  e.desired = e.node && e.fit.should_run;
  e.current = e.desired && e.exists;
  e.misscheduled = e.node && !e.fit.should_run && e.exists;
  e.ready = e.current && is_ready(*first);
  e.available = e.ready && is_available(*first, min_ready, now);
  e.updated = e.current && revision_.is_of(*first);
  if (!e.node)
    e.attention = unscheduled;
  else if (e.fit.should_run && !e.exists)
    e.attention = true;
  else if (e.fit.should_continue)
    e.attention = over || live >= 2 || (surge && live == 0 && e.fit.should_run);
  else
    e.attention = e.exists && !going;

  e.surge_available = false;
  if (!e.exists && !e.desired) {
    e.stage = Stage::outside;
    return;
  }
  const NodeEntry::Two two = e.two(revision_);
  const bool old_ok = two.old != nullptr && is_available(*two.old, min_ready, now);
  const bool new_ok = two.fresh != nullptr && is_available(*two.fresh, min_ready, now);
  if (two.excess) {
    e.stage = Stage::excess;
    return;
  }
  e.surge_available = two.old != nullptr ? old_ok : new_ok;
  if (two.old != nullptr && two.fresh != nullptr)
    e.stage = new_ok ? Stage::both_new_ok : Stage::both_new_bad;
  else if (two.fresh != nullptr)
    e.stage = new_ok ? Stage::new_ok : Stage::new_bad;
  else if (two.old != nullptr)
    e.stage = old_ok ? Stage::old_ok : Stage::old_bad;
  else
    e.stage = Stage::empty;
}

void NodeTable::refresh(Time now) {
  while (!ripening_.empty() && (*ripening_.begin())->due <= now) {
    NodeEntry& e = **ripening_.begin();
    withdraw(e);
    evaluate(e, now);
    count(e);
  }
  for (NodeEntry* e : dirty_) {
    e->dirty = false;
    withdraw(*e);
    if (!e->node && e->pods.empty()) {
      entries_.erase(e->text);
      continue;
    }
    evaluate(*e, now);
    count(*e);
  }
  dirty_.clear();
}

const ObjectMeta& NodeTable::pod_meta(const Ref<const PodTemplate>& pod_template) {
  if (meta_of_ == pod_template) return pod_meta_;
  std::vector<std::pair<std::string, std::string>> items;
  if (!revision_.hash.empty()) items.emplace_back(kHashLabel, revision_.hash);
  if (!revision_.generation.empty()) items.emplace_back(kGenerationLabel, revision_.generation);
  pod_meta_ = {};
  pod_meta_.set_labels(with_labels(pod_template->labels.get(), std::move(items)));
  pod_meta_.set_annotations(pod_template->annotations);
  pod_meta_.set_finalizers(pod_template->finalizers);
  pod_meta_.set_owners(owners());
  meta_of_ = pod_template;
  return pod_meta_;
}

Ref<const OwnerList> NodeTable::owners() {
  if (!owners_) owners_ = sole_owner(*set_);
  return owners_;
}

Ref<const PodSpec> NodeTable::spec_for(Symbol node, const Ref<const PodTemplate>& pod_template) {
  NodeEntry& e = entry(node);
  if (e.pod_spec && e.made_from == pod_template) return e.pod_spec;
  e.pod_spec = PodSpec::pinned(pod_template->pod_spec, node, cluster_.text(node));
  e.made_from = pod_template;
  mark(e);
  return e.pod_spec;
}

}  // namespace orrery::daemon
