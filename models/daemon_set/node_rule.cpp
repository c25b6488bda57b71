#include "node_rule.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "orrery/cluster/symbols.hpp"
#include "support/json_reading.hpp"

namespace orrery::daemon {

using Json = nlohmann::json;

namespace {
using json_reading::at;
std::string text(const Json& v) { return std::string(json_reading::text(v)); }

std::optional<std::int64_t> integer(std::string_view s) {
  std::int64_t v = 0;
  const char* end = s.data() + s.size();
  const auto r = std::from_chars(s.data(), end, v);
  return r.ec == std::errc{} && r.ptr == end && !s.empty() ? std::optional(v) : std::nullopt;
}
}  // namespace

Ref<const NodeRule> NodeRule::of(const DaemonSetSpec& spec, const Interner& names) {
  if (spec.controller_view) return Ref<const NodeRule>(static_cast<const NodeRule*>(spec.controller_view.get()));
  auto rule = make_ref<NodeRule>();
  rule->node_name_ = names.text(spec.node_name);
  const PodSpec& pod = *spec.pod_template->pod_spec;
  rule->tolerations_ = pod.tolerations();
  if (const Json& selector = at(pod.json(), "nodeSelector"); selector.is_object())
    for (const auto& [k, v] : selector.items()) rule->selector_.emplace_back(k, text(v));
  const Json& required = at(at(at(pod.json(), "affinity"), "nodeAffinity"), "requiredDuringSchedulingIgnoredDuringExecution");
  rule->has_required_ = required.is_object();
  if (const Json& terms = at(required, "nodeSelectorTerms"); terms.is_array())
    for (const Json& t : terms) {
      Term term;
      for (const char* list : {"matchExpressions", "matchFields"})
        if (const Json& requirements = at(t, list); requirements.is_array())
          for (const Json& e : requirements) {
            using Op = Requirement::Op;
            const std::string op = text(at(e, "operator"));
            Requirement r;
            r.op = op == "In" ? Op::in : op == "NotIn" ? Op::not_in : op == "Exists" ? Op::exists : op == "Gt" ? Op::gt : op == "Lt" ? Op::lt : Op::absent;
            r.field = std::string_view(list) == "matchFields";
            r.key = text(at(e, "key"));
            if (const Json& values = at(e, "values"); values.is_array())
              for (const Json& v : values) r.values.push_back(text(v));
            term.push_back(std::move(r));
          }
      if (!term.empty()) rule->terms_.push_back(std::move(term));  // an empty term matches nothing
    }
  spec.controller_view = rule;
  return rule;
}

bool NodeRule::matches(const Requirement& r, const Node& node) {
  std::optional<std::string_view> value;
  if (!r.field) {
    if (const std::string* label = node.meta.label(r.key)) value = *label;
  } else if (r.key == "metadata.name") {
    value = node.name();
  }
  const bool listed = value && std::find(r.values.begin(), r.values.end(), *value) != r.values.end();
  switch (r.op) {
    case Requirement::Op::in: return listed;
    case Requirement::Op::not_in: return !listed;
    case Requirement::Op::exists: return value.has_value();
    case Requirement::Op::absent: return !value;
    case Requirement::Op::gt:
    case Requirement::Op::lt: break;
  }
  if (!value || r.values.size() != 1) return false;
  const auto mine = integer(*value), bound = integer(r.values[0]);
  if (!mine || !bound) return false;
  return r.op == Requirement::Op::gt ? *mine > *bound : *mine < *bound;
}

bool NodeRule::selects(const Node& node) const {
  for (const auto& [key, value] : selector_) {
    const std::string* label = node.meta.label(key);
    if (label == nullptr || *label != value) return false;
  }
  if (!has_required_) return true;
  return std::any_of(terms_.begin(), terms_.end(),
                     [&](const Term& t) { return std::all_of(t.begin(), t.end(), [&](const Requirement& r) { return matches(r, node); }); });
}

Fit NodeRule::judge(const Node& node) const {
  if (!node_name_.empty() && node_name_ != node.name()) return {};
  if (!selects(node)) return {};
  bool runs = true, continues = true;
  for (const Taint& taint : node.taints) {
    if (taint.effect == sym::PreferNoSchedule) continue;
    if (std::any_of(tolerations_.begin(), tolerations_.end(), [&](const Toleration& t) { return t.op <= Toleration::Op::exists && tolerates(t, taint); })) continue;
    runs = false;
    if (taint.effect == sym::NoExecute) continues = false;
  }
  return {runs, continues};
}

}  // namespace orrery::daemon
