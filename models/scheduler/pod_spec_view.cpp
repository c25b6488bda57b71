// Behaviour source: Kubernetes v1.36, component-helpers/resource, pkg/scheduler/framework/types.go, rules S-024, S-040 … S-045.
#include "pod_spec_view.hpp"

#include <algorithm>

#include "../support/json_reading.hpp"

namespace orrery {

using Json = nlohmann::json;
using json_reading::at;
using json_reading::list;
using json_reading::number;
using json_reading::text;

namespace {

constexpr std::int64_t kDefaultMilliCpu = 100;
constexpr std::int64_t kDefaultMemory = std::int64_t{200} << 20;

// ---- requests

/// Real amounts, and those for scoring.
struct Amounts {
  SchedResources real;
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
  void add(const Amounts& o) {
    real.add(o.real);
    milli_cpu = sched_add(milli_cpu, o.milli_cpu);
    memory = sched_add(memory, o.memory);
  }
  void raise_to(const Amounts& o) {
    real.raise_to(o.real);
    milli_cpu = std::max(milli_cpu, o.milli_cpu);
    memory = std::max(memory, o.memory);
  }
};

struct Context {
  Interner& names;
  Diagnostics* problems;
};

Amounts amounts_of(const Json& container, const std::string& pointer, Context& c) {
  const Json& map = at(at(container, "resources"), "requests");
  Amounts out;
  out.real = parse_sched_resources(map, c.names, c.problems, pointer + "/resources/requests");
  out.milli_cpu = at(map, "cpu").is_null() ? kDefaultMilliCpu : out.real.milli_cpu;
  out.memory = at(map, "memory").is_null() ? kDefaultMemory : out.real.memory;
  return out;
}

bool is_sidecar(const Json& init_container) { return text(at(init_container, "restartPolicy")) == "Always"; }

void compile_requests(const Json& spec, SchedPodSpec& out, Context& c) {
  Amounts running, sidecars, peak;
  std::size_t i = 0;
  for (const Json& x : list(at(spec, "containers"))) running.add(amounts_of(x, "/containers/" + std::to_string(i++), c));
  i = 0;
  for (const Json& x : list(at(spec, "initContainers"))) {
    const Amounts own = amounts_of(x, "/initContainers/" + std::to_string(i++), c);
    Amounts with = own;
    with.add(sidecars);
    peak.raise_to(with);
    if (is_sidecar(x)) sidecars.add(own);
  }
  running.add(sidecars);
  running.raise_to(peak);

  // Of the pod-level requests only these resources count; each replaces the sum.
  const Json& pod_level = at(at(spec, "resources"), "requests");
  const SchedResources whole = parse_sched_resources(pod_level, c.names, c.problems, "/resources/requests");
  if (!at(pod_level, "cpu").is_null()) running.milli_cpu = running.real.milli_cpu = whole.milli_cpu;
  if (!at(pod_level, "memory").is_null()) running.memory = running.real.memory = whole.memory;
  for (const auto& [name, amount] : whole.scalars)
    if (c.names.text(name).starts_with("hugepages-")) running.real.set_scalar(name, amount);

  const SchedResources overhead = parse_sched_resources(at(spec, "overhead"), c.names, c.problems, "/overhead");
  running.real.add(overhead);
  out.scored_milli_cpu = sched_add(running.milli_cpu, overhead.milli_cpu);
  out.scored_memory = sched_add(running.memory, overhead.memory);
  out.requests = std::move(running.real);
  std::erase_if(out.requests.scalars, [](const auto& s) { return s.second == 0; });
  if (out.requests.scalars.size() > kSchedScalarsMax) {
    out.requests.scalars.resize(kSchedScalarsMax);
    if (c.problems != nullptr) {
      Diagnostic d;
      d.pointer = "/containers";
      d.message = "too many different extended resources, the rest is ignored";
      c.problems->push_back(std::move(d));
    }
  }
}

// ---- signatures

/// Writes values so that different sequences of calls give different texts.
class Signature {
 public:
  Signature& operator<<(std::int64_t n) {
    out_.append(reinterpret_cast<const char*>(&n), sizeof n);
    return *this;
  }
  Signature& operator<<(const std::vector<Symbol>& list) {
    *this << static_cast<std::int64_t>(list.size());
    for (Symbol s : list) *this << s;
    return *this;
  }
  Signature& operator<<(const std::vector<SchedRequirement>& list) {
    *this << static_cast<std::int64_t>(list.size());
    for (const SchedRequirement& r : list) *this << static_cast<std::int64_t>(r.op) << r.key << r.values << r.bound;
    return *this;
  }
  Signature& operator<<(const SchedSelector& s) { return *this << (s.nothing ? 1 : 0) << s.requirements; }
  Signature& operator<<(const SchedNodeTerm& t) {
    *this << t.labels << static_cast<std::int64_t>(t.names.size());
    for (const auto& r : t.names) *this << (r.in ? 1 : 0) << r.names;
    return *this;
  }
  Signature& operator<<(Symbol s) { return *this << static_cast<std::int64_t>(s); }
  Signature& operator<<(int n) { return *this << static_cast<std::int64_t>(n); }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

std::string selection_of(const SchedPodTerm& t) {
  Signature s;
  s << t.namespaces << t.namespace_selector << t.selector;
  return s.take();
}
std::string selection_of(const SchedSpread& c, Symbol ns) {
  Signature s;
  s << std::vector<Symbol>{ns} << SchedSelector{} << c.selector;
  return s.take();
}

std::string signature_of(const SchedPodSpec& p) {
  Signature s;
  const SchedResources& r = p.requests;
  s << r.milli_cpu << r.memory << r.ephemeral << static_cast<std::int64_t>(r.scalars.size());
  for (const auto& [name, amount] : r.scalars) s << name << amount;
  s << p.scored_milli_cpu << p.scored_memory << p.node_name << (p.has_required ? 1 : 0);
  s << static_cast<std::int64_t>(p.node_selector.size());
  for (const auto& [key, value] : p.node_selector) s << key << value;
  s << static_cast<std::int64_t>(p.required.size());
  for (const SchedNodeTerm& t : p.required) s << t;
  s << static_cast<std::int64_t>(p.preferred.size());
  for (const SchedPreferredTerm& t : p.preferred) s << t.weight << t.term;
  s << static_cast<std::int64_t>(p.tolerations.size());
  for (const SchedToleration& t : p.tolerations) s << t.key << t.value << static_cast<std::int64_t>(t.effect) << static_cast<std::int64_t>(t.op);
  for (const SchedPort& port : p.ports) s << port.ip << port.protocol << port.port;
  return s.take();
}

// ---- node affinity

SchedNodeTerm node_term(const Json& t, Interner& names) {
  SchedNodeTerm out;
  for (const Json& e : list(at(t, "matchExpressions"))) out.labels.push_back(parse_sched_requirement(e, names));
  for (const Json& e : list(at(t, "matchFields"))) {
    SchedNodeTerm::NameRequirement r;
    const std::string_view op = text(at(e, "operator"));
    r.in = op != "NotIn";
    if (text(at(e, "key")) == "metadata.name" && (op == "In" || op == "NotIn"))
      for (const Json& v : list(at(e, "values"))) r.names.push_back(names.intern(text(v)));
    else
      r.in = true;  // no such field or operator: matches no node
    out.names.push_back(std::move(r));
  }
  return out;
}

/// The names to which a term restricts, or nullopt when it does not.
std::optional<std::vector<Symbol>> pins_of(const SchedNodeTerm& t) {
  std::optional<std::vector<Symbol>> out;
  for (const auto& r : t.names) {
    if (!r.in) continue;
    if (!out)
      out = r.names;
    else
      std::erase_if(*out, [&](Symbol s) { return std::find(r.names.begin(), r.names.end(), s) == r.names.end(); });
  }
  return out;
}

void compile_node_affinity(const Json& affinity, SchedPodSpec& out, Interner& names) {
  if (const Json& required = at(affinity, "requiredDuringSchedulingIgnoredDuringExecution"); required.is_object()) {
    out.has_required = true;
    for (const Json& t : list(at(required, "nodeSelectorTerms"))) out.required.push_back(node_term(t, names));
    bool all_pin = !out.required.empty();
    for (const SchedNodeTerm& t : out.required) {
      const auto pins = pins_of(t);
      if (!pins) {
        all_pin = false;
        break;
      }
      for (Symbol s : *pins)
        if (std::find(out.pinned.begin(), out.pinned.end(), s) == out.pinned.end()) out.pinned.push_back(s);
    }
    if (!all_pin) out.pinned.clear();
    out.pins_conflict = all_pin && out.pinned.empty();
  }
  for (const Json& p : list(at(affinity, "preferredDuringSchedulingIgnoredDuringExecution"))) {
    SchedPreferredTerm t{std::clamp<std::int64_t>(number(at(p, "weight"), 1), 0, 100), node_term(at(p, "preference"), names)};
    if (t.weight != 0 && !(t.term.labels.empty() && t.term.names.empty())) out.preferred.push_back(std::move(t));
  }
}

// ---- pod affinity and spreading

void note_keys(SchedPodSpec& pod, const SchedSelector& selector, const Json& own_keys, Interner& names) {
  for (const SchedRequirement& r : selector.requirements) pod.label_keys.push_back(r.key);
  for (const Json& k : list(own_keys)) pod.label_keys.push_back(names.intern(text(k)));
}

SchedPodTerm pod_term(const Json& t, SchedPodSpec& pod, Interner& names) {
  SchedPodTerm out;
  out.topology_key = names.intern(text(at(t, "topologyKey")));
  out.selector = parse_sched_selector(at(t, "labelSelector"), names);
  // The API server has merged these in when the pod was created; doing it again changes nothing.
  if (!out.selector.nothing)
    for (const auto& [field, op] : {std::pair{"matchLabelKeys", SchedRequirement::Op::in}, std::pair{"mismatchLabelKeys", SchedRequirement::Op::not_in}})
      for (const Json& k : list(at(t, field)))
        if (const SchedLabel* l = pod.labels.find(names.intern(text(k)))) out.selector.require(op, l->key, l->value);
  for (const Json& n : list(at(t, "namespaces"))) out.namespaces.push_back(names.intern(text(n)));
  out.namespace_selector = parse_sched_selector(at(t, "namespaceSelector"), names);
  if (out.namespaces.empty() && out.namespace_selector.nothing) out.namespaces.push_back(pod.ns);
  std::sort(out.namespaces.begin(), out.namespaces.end());
  note_keys(pod, out.selector, at(t, "matchLabelKeys"), names);
  note_keys(pod, {}, at(t, "mismatchLabelKeys"), names);
  out.selection = selection_of(out);
  return out;
}

void compile_pod_affinity(const Json& affinity, SchedPodSpec& out, Interner& names) {
  for (const auto& [key, sign] : {std::pair{"podAffinity", 1}, std::pair{"podAntiAffinity", -1}}) {
    const Json& a = at(affinity, key);
    auto& required = sign > 0 ? out.affinity : out.anti_affinity;
    for (const Json& t : list(at(a, "requiredDuringSchedulingIgnoredDuringExecution"))) required.push_back(pod_term(t, out, names));
    for (const Json& p : list(at(a, "preferredDuringSchedulingIgnoredDuringExecution"))) {
      SchedPodTerm t = pod_term(at(p, "podAffinityTerm"), out, names);
      t.weight = sign * std::clamp<std::int64_t>(number(at(p, "weight"), 1), 0, 100);
      if (t.weight != 0) out.preferred_pods.push_back(std::move(t));
    }
  }
}

void compile_spread(const Json& constraints, SchedPodSpec& out, Interner& names) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  for (const Json& c : list(constraints)) {
    SchedSpread s;
    s.max_skew = std::clamp<std::int64_t>(number(at(c, "maxSkew"), 1), 1, kMax);
    s.min_domains = std::clamp<std::int64_t>(number(at(c, "minDomains"), 1), 1, kMax);
    s.topology_key = names.intern(text(at(c, "topologyKey")));
    s.hard = text(at(c, "whenUnsatisfiable")) != "ScheduleAnyway";
    s.honor_affinity = text(at(c, "nodeAffinityPolicy")) != "Ignore";
    s.honor_taints = text(at(c, "nodeTaintsPolicy")) == "Honor";
    s.selector = parse_sched_selector(at(c, "labelSelector"), names);
    if (!s.selector.nothing)
      for (const Json& k : list(at(c, "matchLabelKeys")))
        if (const SchedLabel* l = out.labels.find(names.intern(text(k)))) s.selector.require(SchedRequirement::Op::in, l->key, l->value);
    note_keys(out, s.selector, at(c, "matchLabelKeys"), names);
    s.selection = selection_of(s, out.ns);
    out.spread.push_back(std::move(s));
  }
}

// ---- the rest

void compile_containers(const Json& spec, SchedPodSpec& out, Interner& names) {
  auto ports = [&](const Json& container) {
    for (const Json& p : list(at(container, "ports"))) {
      const std::int64_t port = number(at(p, "hostPort"), 0);
      if (port <= 0 || port > 65535) continue;
      const std::string_view ip = text(at(p, "hostIP"));
      const std::string_view protocol = text(at(p, "protocol"));
      out.ports.push_back({ip.empty() || ip == "0.0.0.0" ? Symbol{0} : names.intern(ip), names.intern(protocol.empty() ? "TCP" : protocol),
                           static_cast<std::int32_t>(port)});
    }
  };
  for (const Json& c : list(at(spec, "initContainers"))) {
    out.images.push_back(names.intern(sched_image_name(text(at(c, "image")))));
    if (is_sidecar(c)) ports(c);
  }
  for (const Json& c : list(at(spec, "containers"))) {
    out.images.push_back(names.intern(sched_image_name(text(at(c, "image")))));
    ports(c);
  }
}

}  // namespace

bool SchedNodeTerm::matches(const SchedLabels& node_labels, Symbol node_name) const {
  if (labels.empty() && names.empty()) return false;
  for (const SchedRequirement& r : labels)
    if (!r.matches(node_labels)) return false;
  for (const NameRequirement& r : names)
    if ((std::find(r.names.begin(), r.names.end(), node_name) != r.names.end()) != r.in) return false;
  return true;
}

bool SchedPodSpec::node_matches(const SchedLabels& node_labels, Symbol node) const {
  for (const auto& [key, value] : node_selector) {
    const SchedLabel* l = node_labels.find(key);
    if (l == nullptr || l->value != value) return false;
  }
  if (!has_required) return true;
  for (const SchedNodeTerm& t : required)
    if (t.matches(node_labels, node)) return true;
  return false;
}

SchedPodSpec parse_sched_pod_spec(const Json& spec, const Json& labels, std::string_view ns, Interner& names, Diagnostics* problems) {
  return parse_sched_pod_spec(spec, parse_sched_labels(labels, names), ns, names, problems);
}

SchedPodSpec parse_sched_pod_spec(const Json& spec, SchedLabels labels, std::string_view ns, Interner& names, Diagnostics* problems) {
  SchedPodSpec out;
  Context context{names, problems};
  out.ns = names.intern(ns);
  out.labels = std::move(labels);
  out.has_labels = !out.labels.empty();
  out.priority = static_cast<std::int32_t>(std::clamp<std::int64_t>(number(at(spec, "priority"), 0), INT32_MIN, INT32_MAX));
  out.may_preempt = text(at(spec, "preemptionPolicy")) != "Never";
  out.gated = !list(at(spec, "schedulingGates")).empty();
  out.node_name = names.intern(text(at(spec, "nodeName")));
  compile_requests(spec, out, context);
  if (const Json& selector = at(spec, "nodeSelector"); selector.is_object())
    for (const auto& [key, value] : selector.items()) out.node_selector.emplace_back(names.intern(key), names.intern(text(value)));
  const Json& affinity = at(spec, "affinity");
  compile_node_affinity(at(affinity, "nodeAffinity"), out, names);
  compile_pod_affinity(affinity, out, names);
  compile_spread(at(spec, "topologySpreadConstraints"), out, names);
  out.tolerations = parse_sched_tolerations(at(spec, "tolerations"), names);
  out.tolerates_cordon = tolerated({names.intern("node.kubernetes.io/unschedulable"), 0, SchedEffect::no_schedule}, out.tolerations);
  compile_containers(spec, out, names);
  std::sort(out.label_keys.begin(), out.label_keys.end());
  out.label_keys.erase(std::unique(out.label_keys.begin(), out.label_keys.end()), out.label_keys.end());
  out.signature = signature_of(out);
  return out;
}

void pin_sched_pod_spec(SchedPodSpec& pod, Symbol node) {
  SchedNodeTerm::NameRequirement name;
  name.in = true;
  name.names = {node};
  pod.has_required = true;
  pod.required.assign(1, {});
  pod.required[0].names.push_back(std::move(name));
  pod.pinned = {node};
  pod.pins_conflict = false;
  pod.signature = signature_of(pod);
}

void add_default_spread(SchedPodSpec& pod, const SchedSelector& selector, Interner& names) {
  if (!pod.spread.empty() || selector.nothing || selector.empty()) return;
  pod.spread_is_default = true;
  for (const auto& [key, skew] : {std::pair{"kubernetes.io/hostname", 3}, std::pair{"topology.kubernetes.io/zone", 5}}) {
    SchedSpread s;
    s.max_skew = skew;
    s.topology_key = names.intern(key);
    s.hard = false;
    s.selector = selector;
    s.selection = selection_of(s, pod.ns);
    pod.spread.push_back(std::move(s));
  }
}

SchedPodTerm spread_term(const SchedSpread& constraint, Symbol ns) {
  SchedPodTerm t;
  t.topology_key = constraint.topology_key;
  t.selector = constraint.selector;
  t.namespaces = {ns};
  t.selection = constraint.selection;
  return t;
}

std::string sched_image_name(std::string_view image) {
  const std::size_t colon = image.rfind(':'), slash = image.rfind('/');
  const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
  return tagged ? std::string(image) : std::string(image).append(":latest");
}

bool sched_term_selects(const SchedPodTerm& term, Symbol ns, const SchedLabels& namespace_labels, const SchedLabels& labels) {
  if (!std::binary_search(term.namespaces.begin(), term.namespaces.end(), ns) && !term.namespace_selector.matches(namespace_labels)) return false;
  return term.selector.matches(labels);
}

}  // namespace orrery
