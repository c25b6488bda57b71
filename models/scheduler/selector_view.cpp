// Behaviour source: apimachinery/pkg/labels/selector.go, component-helpers/scheduling/corev1, rule S-043.
#include "selector_view.hpp"

#include <algorithm>
#include <charconv>

#include "../support/json_reading.hpp"

namespace orrery {

using json_reading::at;
using json_reading::list;
using json_reading::text;

namespace {
bool parse_integer(std::string_view s, std::int64_t& out) {
  const auto r = std::from_chars(s.data(), s.data() + s.size(), out);
  return r.ec == std::errc{} && r.ptr == s.data() + s.size();
}
bool before(const SchedLabel& l, Symbol key) { return l.key < key; }
}  // namespace

void SchedLabels::set(std::string_view key, std::string_view value, Interner& names) {
  SchedLabel l{names.intern(key), names.intern(value), 0, false};
  l.numeric = parse_integer(value, l.number);
  const auto it = std::lower_bound(items_.begin(), items_.end(), l.key, before);
  if (it != items_.end() && it->key == l.key)
    *it = l;
  else
    items_.insert(it, l);
}

const SchedLabel* SchedLabels::find(Symbol key) const {
  const auto it = std::lower_bound(items_.begin(), items_.end(), key, before);
  return it != items_.end() && it->key == key ? &*it : nullptr;
}

bool operator==(const SchedLabels& a, const SchedLabels& b) {
  return std::equal(a.items_.begin(), a.items_.end(), b.items_.begin(), b.items_.end(),
                    [](const SchedLabel& x, const SchedLabel& y) { return x.key == y.key && x.value == y.value; });
}

SchedLabels parse_sched_labels(const nlohmann::json& map, Interner& names) {
  SchedLabels out;
  if (!map.is_object()) return out;
  for (const auto& [key, value] : map.items())
    if (value.is_string()) out.set(key, text(value), names);
  return out;
}

bool SchedRequirement::matches(const SchedLabels& labels) const {
  const SchedLabel* l = labels.find(key);
  switch (op) {
    case Op::in: return l != nullptr && std::binary_search(values.begin(), values.end(), l->value);
    case Op::not_in: return l == nullptr || !std::binary_search(values.begin(), values.end(), l->value);
    case Op::exists: return l != nullptr;
    case Op::absent: return l == nullptr;
    case Op::greater: return l != nullptr && l->numeric && l->number > bound;
    case Op::less: return l != nullptr && l->numeric && l->number < bound;
    case Op::never: break;
  }
  return false;
}

SchedRequirement parse_sched_requirement(const nlohmann::json& entry, Interner& names) {
  using Op = SchedRequirement::Op;
  SchedRequirement r;
  const std::string_view op = text(at(entry, "operator"));
  r.op = op == "In"             ? Op::in
         : op == "NotIn"        ? Op::not_in
         : op == "Exists"       ? Op::exists
         : op == "DoesNotExist" ? Op::absent
         : op == "Gt"           ? Op::greater
         : op == "Lt"           ? Op::less
                                : Op::never;
  r.key = names.intern(text(at(entry, "key")));
  const nlohmann::json& values = list(at(entry, "values"));
  for (const auto& v : values)
    if (v.is_string()) r.values.push_back(names.intern(text(v)));
  if (r.op == Op::greater || r.op == Op::less)
    if (values.size() != 1 || !parse_integer(text(values[0]), r.bound)) r.op = Op::never;
  std::sort(r.values.begin(), r.values.end());
  return r;
}

bool SchedSelector::matches(const SchedLabels& labels) const {
  if (nothing) return false;
  for (const SchedRequirement& r : requirements)
    if (!r.matches(labels)) return false;
  return true;
}

void SchedSelector::require(SchedRequirement::Op op, Symbol key, Symbol value) {
  requirements.push_back({op, key, {value}, 0});
}

SchedSelector parse_sched_selector(const nlohmann::json& selector, Interner& names) {
  SchedSelector out;
  if (!selector.is_object()) return out;
  out.nothing = false;
  if (const auto& map = at(selector, "matchLabels"); map.is_object())
    for (const auto& [key, value] : map.items())
      out.require(SchedRequirement::Op::in, names.intern(key), names.intern(text(value)));
  for (const auto& e : list(at(selector, "matchExpressions"))) out.requirements.push_back(parse_sched_requirement(e, names));
  return out;
}

SchedEffect parse_sched_effect(std::string_view effect) {
  return effect.empty()                 ? SchedEffect::any
         : effect == "NoSchedule"       ? SchedEffect::no_schedule
         : effect == "PreferNoSchedule" ? SchedEffect::prefer_no_schedule
         : effect == "NoExecute"        ? SchedEffect::no_execute
                                        : SchedEffect::unknown;
}

std::vector<SchedTaint> parse_sched_taints(const nlohmann::json& taints, Interner& names) {
  std::vector<SchedTaint> out;
  for (const auto& t : list(taints))
    out.push_back({names.intern(text(at(t, "key"))), names.intern(text(at(t, "value"))), parse_sched_effect(text(at(t, "effect")))});
  return out;
}

std::vector<SchedToleration> parse_sched_tolerations(const nlohmann::json& tolerations, Interner& names) {
  std::vector<SchedToleration> out;
  for (const auto& t : list(tolerations)) {
    const std::string_view op = text(at(t, "operator"));
    SchedToleration x{names.intern(text(at(t, "key"))), names.intern(text(at(t, "value"))), parse_sched_effect(text(at(t, "effect"))), {}};
    x.op = op.empty() || op == "Equal" ? SchedToleration::Op::equal : op == "Exists" ? SchedToleration::Op::exists : SchedToleration::Op::never;
    out.push_back(x);
  }
  return out;
}

bool SchedToleration::tolerates(const SchedTaint& taint) const {
  if (effect != SchedEffect::any && effect != taint.effect) return false;
  if (key != 0 && key != taint.key) return false;
  return op == Op::exists || (op == Op::equal && value == taint.value);
}

bool tolerated(const SchedTaint& taint, const std::vector<SchedToleration>& tolerations) {
  for (const SchedToleration& t : tolerations)
    if (t.tolerates(taint)) return true;
  return false;
}

const SchedTaint* untolerated(const std::vector<SchedTaint>& taints, const std::vector<SchedToleration>& tolerations) {
  for (const SchedTaint& t : taints)
    if (t.repels() && !tolerated(t, tolerations)) return &t;
  return nullptr;
}

}  // namespace orrery
