#include "spec_view.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "orrery/api/quantity.hpp"

namespace orrery::sched {

using Json = nlohmann::json;

namespace {
const Json kNull;
constexpr std::int64_t kDefaultCpu = 100, kDefaultMemory = std::int64_t{200} << 20;

const Json& at(const Json& o, const char* key) {
  if (!o.is_object()) return kNull;
  auto it = o.find(key);
  return it == o.end() ? kNull : *it;
}
std::string text(const Json& v) { return v.is_string() ? v.get<std::string>() : std::string{}; }
std::int64_t number(const Json& v, std::int64_t otherwise) { return v.is_number_integer() ? v.get<std::int64_t>() : otherwise; }
const Json& list(const Json& v) {
  static const Json kEmpty = Json::array();
  return v.is_array() ? v : kEmpty;
}

NodeTerm term_of(const Json& t, Interner& names) {
  NodeTerm out;
  auto add = [&](const Json& e, bool field) {
    NodeRequirement r;
    using Op = NodeRequirement::Op;
    const std::string op = text(at(e, "operator"));
    r.op = op == "In" ? Op::in : op == "NotIn" ? Op::not_in : op == "Exists" ? Op::exists : op == "Gt" ? Op::gt : op == "Lt" ? Op::lt : Op::absent;
    r.key = field ? Symbol{0} : names.intern(text(at(e, "key")));
    for (const Json& v : list(at(e, "values"))) {
      const std::string s = text(v);
      r.values.push_back(names.intern(s));
      std::from_chars(s.data(), s.data() + s.size(), r.bound);
    }
    out.push_back(std::move(r));
  };
  for (const Json& e : list(at(t, "matchExpressions"))) add(e, false);
  for (const Json& e : list(at(t, "matchFields"))) add(e, true);
  return out;
}

PodTerm pod_term(const Json& t, Symbol ns, Interner& names) {
  PodTerm out;
  out.topology_key = names.intern(text(at(t, "topologyKey")));
  out.has_selector = at(t, "labelSelector").is_object();
  out.selector = label_requirements(at(t, "labelSelector"));
  for (const Json& n : list(at(t, "namespaces"))) out.namespaces.push_back(names.intern(text(n)));
  // Namespaces have no labels of their own here: a selector with requirements selects none, the empty one all.
  const Json& of = at(t, "namespaceSelector");
  out.all_namespaces = of.is_object() && label_requirements(of).empty();
  if (out.namespaces.empty() && !of.is_object()) out.namespaces.push_back(ns);
  return out;
}

struct Requests {
  Resources real;
  std::int64_t cpu = 0, memory = 0;  // scored
  void add(const Requests& o) {
    real.add(o.real);
    cpu += o.cpu;
    memory += o.memory;
  }
  void max(const Requests& o) {
    real.max(o.real);
    cpu = std::max(cpu, o.cpu);
    memory = std::max(memory, o.memory);
  }
};

Requests requests_of(const Json& container, Interner& names) {
  const Json& map = at(at(container, "resources"), "requests");
  Requests out;
  out.real = resources_of(map, names);
  out.cpu = at(map, "cpu").is_null() ? kDefaultCpu : out.real.cpu;
  out.memory = at(map, "memory").is_null() ? kDefaultMemory : out.real.memory;
  return out;
}
}  // namespace

void Resources::add(const Resources& o, int sign) {
  cpu += sign * o.cpu;
  memory += sign * o.memory;
  ephemeral += sign * o.ephemeral;
  for (const auto& [name, amount] : o.scalars) {
    auto it = std::lower_bound(scalars.begin(), scalars.end(), name, [](const auto& a, Symbol n) { return a.first < n; });
    if (it == scalars.end() || it->first != name) it = scalars.insert(it, {name, 0});
    it->second += sign * amount;
  }
}
void Resources::max(const Resources& o) {
  cpu = std::max(cpu, o.cpu);
  memory = std::max(memory, o.memory);
  ephemeral = std::max(ephemeral, o.ephemeral);
  for (const auto& [name, amount] : o.scalars) {
    const std::int64_t mine = scalar(name);
    if (amount > mine) {
      Resources more;
      more.scalars.push_back({name, amount - mine});
      add(more);
    }
  }
}
std::int64_t Resources::scalar(Symbol name) const {
  auto it = std::lower_bound(scalars.begin(), scalars.end(), name, [](const auto& a, Symbol n) { return a.first < n; });
  return it != scalars.end() && it->first == name ? it->second : 0;
}

Resources resources_of(const Json& map, Interner& names) {
  Resources out;
  if (!map.is_object()) return out;
  for (const auto& [k, v] : map.items()) {
    const auto q = v.is_string() ? parse_quantity(std::string_view(v.get_ref<const std::string&>())) : parse_quantity(std::string_view(v.dump()));
    if (!q) continue;
    if (k == "cpu")
      out.cpu = q->milli_value();
    else if (k == "memory")
      out.memory = q->value();
    else if (k == "ephemeral-storage")
      out.ephemeral = q->value();
    else if (k != "pods")
      out.scalars.emplace_back(names.intern(k), q->value());
  }
  std::sort(out.scalars.begin(), out.scalars.end());
  return out;
}

bool PodTerm::selects(Symbol ns, const StringMap* labels) const {
  if (!has_selector) return false;
  if (!all_namespaces && std::find(namespaces.begin(), namespaces.end(), ns) == namespaces.end()) return false;
  return labels_match(selector, labels);
}

std::string normalized_image(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? image : image.substr(slash + 1);
  return name.find(':') == std::string_view::npos && name.find('@') == std::string_view::npos ? std::string(image) + ":latest" : std::string(image);
}

Ref<PodSpecView> compile(const PodSpec& spec, Symbol ns, Interner& names) {
  auto out = make_ref<PodSpecView>();
  const Json& j = spec.json();
  Requests regular, sidecars, init_peak;
  for (const Json& c : list(at(j, "containers"))) regular.add(requests_of(c, names));
  for (const Json& c : list(at(j, "initContainers"))) {
    Requests r = requests_of(c, names);
    if (text(at(c, "restartPolicy")) == "Always") {
      Requests with = r;
      with.add(sidecars);
      init_peak.max(with);
      sidecars.add(r);
    } else {
      r.add(sidecars);
      init_peak.max(r);
    }
  }
  regular.add(sidecars);
  regular.max(init_peak);
  const Resources overhead = resources_of(at(j, "overhead"), names);
  out->requests = regular.real;
  const Json& pod_level = at(at(j, "resources"), "requests");
  const Resources whole = resources_of(pod_level, names);
  if (!at(pod_level, "cpu").is_null()) regular.cpu = out->requests.cpu = whole.cpu;
  if (!at(pod_level, "memory").is_null()) regular.memory = out->requests.memory = whole.memory;
  out->best_effort_scoring = out->requests.cpu == 0 && out->requests.memory == 0;
  out->requests.add(overhead);
  out->scored_cpu = regular.cpu + overhead.cpu;
  out->scored_memory = regular.memory + overhead.memory;

  if (const Json& selector = at(j, "nodeSelector"); selector.is_object())
    for (const auto& [k, v] : selector.items()) out->node_selector.emplace_back(names.intern(k), names.intern(text(v)));
  const Json& affinity = at(j, "affinity");
  const Json& node = at(affinity, "nodeAffinity");
  if (const Json& required = at(node, "requiredDuringSchedulingIgnoredDuringExecution"); required.is_object()) {
    out->has_required = true;
    for (const Json& t : list(at(required, "nodeSelectorTerms"))) out->required.push_back(term_of(t, names));
  }
  for (const Json& p : list(at(node, "preferredDuringSchedulingIgnoredDuringExecution")))
    out->preferred.push_back({number(at(p, "weight"), 1), term_of(at(p, "preference"), names)});
  for (const auto& [key, sign] : {std::pair{"podAffinity", 1}, std::pair{"podAntiAffinity", -1}}) {
    const Json& a = at(affinity, key);
    auto& into = sign > 0 ? out->affinity : out->anti_affinity;
    for (const Json& t : list(at(a, "requiredDuringSchedulingIgnoredDuringExecution"))) into.push_back(pod_term(t, ns, names));
    for (const Json& p : list(at(a, "preferredDuringSchedulingIgnoredDuringExecution"))) {
      PodTerm t = pod_term(at(p, "podAffinityTerm"), ns, names);
      t.weight = sign * number(at(p, "weight"), 1);
      out->preferred_pods.push_back(std::move(t));
    }
  }
  for (const Json& c : list(at(j, "topologySpreadConstraints"))) {
    SpreadConstraint s;
    s.max_skew = number(at(c, "maxSkew"), 1);
    s.min_domains = number(at(c, "minDomains"), 1);
    s.topology_key = names.intern(text(at(c, "topologyKey")));
    s.hard = text(at(c, "whenUnsatisfiable")) != "ScheduleAnyway";
    s.honor_affinity = text(at(c, "nodeAffinityPolicy")) != "Ignore";
    s.honor_taints = text(at(c, "nodeTaintsPolicy")) == "Honor";
    s.has_selector = at(c, "labelSelector").is_object();
    s.selector = label_requirements(at(c, "labelSelector"));
    // Matching nothing is what an empty selector does here (S-044).
    if (s.selector.empty()) s.has_selector = false;
    out->spread.push_back(std::move(s));
  }
  for (const Json& c : list(at(j, "containers"))) {
    out->images.push_back(names.intern(normalized_image(text(at(c, "image")))));
    for (const Json& p : list(at(c, "ports")))
      if (const std::int64_t port = number(at(p, "hostPort"), 0); port > 0) {
        const std::string protocol = text(at(p, "protocol"));
        out->ports.push_back({text(at(p, "hostIP")), protocol.empty() ? "TCP" : protocol, port});
      }
  }
  for (const Json& c : list(at(j, "initContainers"))) out->images.push_back(names.intern(normalized_image(text(at(c, "image")))));
  out->tolerations = spec.tolerations;
  out->pinned_node = spec.pinned_node;
  out->priority = spec.priority;
  out->may_preempt = text(at(j, "preemptionPolicy")) != "Never";
  return out;
}

}  // namespace orrery::sched
