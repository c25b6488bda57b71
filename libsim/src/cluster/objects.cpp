#include "orrery/cluster/objects.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "orrery/cluster/cron_job.hpp"
#include "orrery/cluster/symbols.hpp"
#include "orrery/core/check.hpp"
#include "orrery/core/random.hpp"

namespace orrery {

namespace {
struct KindRow {
  std::string_view name, version, resource;
  bool namespaced;
};
constexpr std::array<KindRow, kKindCount> kKinds{{
    {"Node", "v1", "nodes", false},
    {"Pod", "v1", "pods", true},
    {"Job", "batch/v1", "jobs.batch", true},
    {"CronJob", "batch/v1", "cronjobs.batch", true},
    {"DaemonSet", "apps/v1", "daemonsets.apps", true},
    {"ControllerRevision", "apps/v1", "controllerrevisions.apps", true},
    {"PodDisruptionBudget", "policy/v1", "poddisruptionbudgets.policy", true},
    {"Lease", "coordination.k8s.io/v1", "leases.coordination.k8s.io", true},
    {"Event", "v1", "events", true},
    {"Workflow", "orrery/v1", "workflows.orrery", true},
    {"", "", "objects", true},
}};
const KindRow& row(Kind k) { return kKinds[static_cast<std::size_t>(k)]; }
}  // namespace

std::string_view kind_name(Kind k) { return row(k).name; }
std::string_view api_version(Kind k) { return row(k).version; }
std::string_view resource_name(Kind k) { return row(k).resource; }
bool is_namespaced(Kind k) { return row(k).namespaced; }
Kind kind_from_name(std::string_view name) {
  for (std::size_t i = 0; i + 1 < kKindCount; ++i)
    if (kKinds[i].name == name) return static_cast<Kind>(i);
  return Kind::other;
}

void intern_well_known(Interner& names) {
#define ORRERY_X(name, text) ORRERY_CHECK(names.intern(text) == static_cast<Symbol>(sym::name), "the interner was not empty");
  ORRERY_WELL_KNOWN_SYMBOLS(ORRERY_X)
#undef ORRERY_X
}

OwnerReference controller_reference(const Object& controller) {
  return {std::string(api_version(controller.kind)), std::string(kind_name(controller.kind)), std::string(controller.name()), controller.uid(), true, true};
}

// ---- conditions, taints

Condition* find_condition(Conditions& list, Symbol type) {
  const Condition* found = find_condition(std::as_const(list), type);
  if (found == nullptr) return nullptr;
  const auto at = found - list.begin();  // before edit() may move them
  return list.edit() + at;
}
bool condition_true(const Conditions& list, Symbol type) {
  const Condition* c = find_condition(list, type);
  return c != nullptr && c->status == sym::True;
}

bool tolerates(const Toleration& t, const Taint& taint) {
  if (t.effect != 0 && t.effect != taint.effect) return false;
  if (!t.key.empty() && t.key != taint.key) return false;
  switch (t.op) {
    case Toleration::Op::equal: return t.value == taint.value;
    case Toleration::Op::exists: return true;
    case Toleration::Op::lt:
    case Toleration::Op::gt: break;
  }
  // Gt and Lt (gate TaintTolerationComparisonOperators, off by default) compare integers.
  std::int64_t mine = 0, its = 0;
  auto number = [](const std::string& s, std::int64_t& v) {
    auto r = std::from_chars(s.data(), s.data() + s.size(), v);
    return r.ec == std::errc{} && r.ptr == s.data() + s.size();
  };
  if (!number(t.value, mine) || !number(taint.value, its)) return false;
  return t.op == Toleration::Op::lt ? its < mine : its > mine;
}

bool labels_match(const std::vector<LabelRequirement>& selector, const StringMap* labels) {
  for (const auto& r : selector) {
    const std::string* v = labels != nullptr ? labels->find(r.key) : nullptr;
    const bool listed = v != nullptr && std::find(r.values.begin(), r.values.end(), *v) != r.values.end();
    switch (r.op) {
      case LabelRequirement::Op::in:
        if (!listed) return false;
        break;
      case LabelRequirement::Op::not_in:
        if (listed) return false;
        break;
      case LabelRequirement::Op::exists:
        if (v == nullptr) return false;
        break;
      case LabelRequirement::Op::does_not_exist:
        if (v != nullptr) return false;
        break;
    }
  }
  return true;
}

std::string_view phase_name(PodPhase p) {
  switch (p) {
    case PodPhase::pending: return "Pending";
    case PodPhase::running: return "Running";
    case PodPhase::succeeded: return "Succeeded";
    case PodPhase::failed: return "Failed";
    case PodPhase::unknown: break;
  }
  return "Unknown";
}

// ---- jobs

namespace {
bool is_true(const Conditions& list, Symbol type) { return condition_true(list, type); }
}  // namespace
bool JobStatus::complete() const { return is_true(conditions, sym::Complete); }
bool JobStatus::failed_true() const { return is_true(conditions, sym::Failed); }

bool IndexSet::contains(std::int32_t i) const {
  auto it = std::upper_bound(ranges.begin(), ranges.end(), i, [](std::int32_t v, const auto& r) { return v < r.first; });
  return it != ranges.begin() && std::prev(it)->second >= i;
}

std::int64_t IndexSet::size() const {
  std::int64_t n = 0;
  for (const auto& [a, b] : ranges) n += b - a + 1;
  return n;
}

void IndexSet::add(std::int32_t i) {
  auto it = std::upper_bound(ranges.begin(), ranges.end(), i, [](std::int32_t v, const auto& r) { return v < r.first; });
  if (it != ranges.begin() && std::prev(it)->second >= i) return;
  const bool joins_left = it != ranges.begin() && std::prev(it)->second == i - 1;
  const bool joins_right = it != ranges.end() && it->first == i + 1;
  if (joins_left && joins_right) {
    std::prev(it)->second = it->second;
    ranges.erase(it);
  } else if (joins_left) {
    std::prev(it)->second = i;
  } else if (joins_right) {
    it->first = i;
  } else {
    ranges.insert(it, {i, i});
  }
}

IndexSet IndexSet::merged(const IndexSet& other) const {
  IndexSet out;
  std::size_t i = 0, j = 0;
  while (i < ranges.size() || j < other.ranges.size()) {
    const bool mine = j == other.ranges.size() || (i < ranges.size() && ranges[i].first < other.ranges[j].first);
    const auto& r = mine ? ranges[i++] : other.ranges[j++];
    if (!out.ranges.empty() && out.ranges.back().second >= r.first - 1)
      out.ranges.back().second = std::max(out.ranges.back().second, r.second);
    else
      out.ranges.push_back(r);
  }
  return out;
}

IndexSet IndexSet::from_sorted(const std::vector<std::int32_t>& indexes) {
  IndexSet out;
  for (std::int32_t i : indexes) {
    if (!out.ranges.empty() && out.ranges.back().second >= i - 1)
      out.ranges.back().second = std::max(out.ranges.back().second, i);
    else
      out.ranges.emplace_back(i, i);
  }
  return out;
}

std::string IndexSet::text() const {
  std::string out;
  for (const auto& [a, b] : ranges) {
    if (!out.empty()) out += ',';
    if (a == b)
      fmt::format_to(std::back_inserter(out), "{}", a);
    else
      fmt::format_to(std::back_inserter(out), "{}{}{}", a, b == a + 1 ? ',' : '-', b);
  }
  return out;
}

IndexSet IndexSet::parse(std::string_view text, std::int32_t completions) {
  IndexSet out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    std::int32_t a = 0, b = 0;
    const char* end = item.data() + item.size();
    auto r = std::from_chars(item.data(), end, a);
    if (r.ec != std::errc{}) continue;
    b = a;
    if (r.ptr != end) {
      if (*r.ptr != '-') continue;
      r = std::from_chars(r.ptr + 1, end, b);
      if (r.ec != std::errc{} || r.ptr != end) continue;
    }
    if (a >= completions) break;
    b = std::min(b, completions - 1);
    if (!out.ranges.empty() && out.ranges.back().second >= a - 1)
      out.ranges.back().second = std::max(out.ranges.back().second, b);
    else
      out.ranges.emplace_back(a, b);
  }
  return out;
}

// ---- budgets

void set_disruption_allowed(PodDisruptionBudgetStatus& status, Symbol state, Symbol reason, Symbol message, Stamp now) {
  Condition* c = find_condition(status.conditions, sym::DisruptionAllowed);
  if (c == nullptr) {
    Condition fresh;
    fresh.type = sym::DisruptionAllowed;
    c = &status.conditions.push_back(fresh);
  }
  if (c->status != state) {
    c->status = state;
    c->transition = now;
  }
  c->reason = reason;
  c->message = message;
  c->observed_generation = static_cast<std::int32_t>(status.observed_generation);
}
void set_disruption_allowed(PodDisruptionBudgetStatus& status, Stamp now) {
  if (status.allowed > 0)
    set_disruption_allowed(status, sym::True, sym::SufficientPods, 0, now);
  else
    set_disruption_allowed(status, sym::False, sym::InsufficientPods, 0, now);
}

// ---- versions

bool same_object(const Object& a, const Object& b) {
  if (a.kind != b.kind || !same_meta(a.meta, b.meta)) return false;
  switch (a.kind) {
    case Kind::pod: {
      const auto& x = static_cast<const Pod&>(a);
      const auto& y = static_cast<const Pod&>(b);
      return (x.spec == y.spec || x.spec->text() == y.spec->text()) && x.node == y.node &&
             x.phase == y.phase && x.start_time == y.start_time &&
             x.observed_generation() == y.observed_generation() && x.conditions == y.conditions && x.containers == y.containers &&
             x.rare() == y.rare();
    }
    case Kind::job: {
      const auto& x = static_cast<const Job&>(a);
      const auto& y = static_cast<const Job&>(b);
      return (x.spec == y.spec || x.spec->text(*x.meta.id) == y.spec->text(*y.meta.id)) && x.status == y.status;
    }
    case Kind::daemonset: {
      const auto& x = static_cast<const DaemonSet&>(a);
      const auto& y = static_cast<const DaemonSet&>(b);
      return (x.spec == y.spec || x.spec->text() == y.spec->text()) && x.status == y.status;
    }
    case Kind::controllerrevision: {
      const auto& x = static_cast<const ControllerRevision&>(a);
      const auto& y = static_cast<const ControllerRevision&>(b);
      return (x.data == y.data || x.data->text == y.data->text) && x.revision == y.revision;
    }
    case Kind::cronjob: {
      const auto& x = static_cast<const CronJob&>(a);
      const auto& y = static_cast<const CronJob&>(b);
      return (x.spec == y.spec || *x.spec == *y.spec) && x.status == y.status;
    }
    case Kind::node: {
      const auto& x = static_cast<const Node&>(a);
      const auto& y = static_cast<const Node&>(b);
      return (x.body == y.body || (x.body->spec_text == y.body->spec_text && x.body->status_text == y.body->status_text)) &&
             x.unschedulable == y.unschedulable && x.taints == y.taints && x.conditions == y.conditions;
    }
    case Kind::poddisruptionbudget: {
      const auto& x = static_cast<const PodDisruptionBudget&>(a);
      const auto& y = static_cast<const PodDisruptionBudget&>(b);
      return (x.spec == y.spec || x.spec->text() == y.spec->text()) && x.status == y.status;
    }
    case Kind::lease: {
      const auto& x = static_cast<const LeaseObject&>(a);
      const auto& y = static_cast<const LeaseObject&>(b);
      return x.holder == y.holder && x.renewed == y.renewed;
    }
    case Kind::event: return false;
    default: break;
  }
  const auto& x = static_cast<const GenericObject&>(a);
  const auto& y = static_cast<const GenericObject&>(b);
  return x.body == y.body;
}

Ref<Object> clone(const Object& o) {
  switch (o.kind) {
    case Kind::pod: return make_ref<Pod>(static_cast<const Pod&>(o));
    case Kind::job: return make_ref<Job>(static_cast<const Job&>(o));
    case Kind::cronjob: return make_ref<CronJob>(static_cast<const CronJob&>(o));
    case Kind::node: return make_ref<Node>(static_cast<const Node&>(o));
    case Kind::poddisruptionbudget: return make_ref<PodDisruptionBudget>(static_cast<const PodDisruptionBudget&>(o));
    case Kind::daemonset: return make_ref<DaemonSet>(static_cast<const DaemonSet&>(o));
    case Kind::controllerrevision: return make_ref<ControllerRevision>(static_cast<const ControllerRevision&>(o));
    case Kind::lease: return make_ref<LeaseObject>(static_cast<const LeaseObject&>(o));
    case Kind::event: return EventObject::make(static_cast<const EventObject&>(o), static_cast<const EventObject&>(o).message);
    default: return make_ref<GenericObject>(static_cast<const GenericObject&>(o));
  }
}

}  // namespace orrery
