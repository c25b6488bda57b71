// describe node, with the sums over its pods; upstream kubectl/pkg/describe/describe.go, kubectl/pkg/util/resource.
#include "describe_node.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "describe_parts.hpp"
#include "orrery/api/quantity.hpp"
#include "values.hpp"

namespace orrery::kubectl {

using Json = nlohmann::json;

namespace {

// cpu in thousandths, everything else in units.
struct Amount {
  std::int64_t value = 0;
  Quantity::Format format = Quantity::Format::kDecimalSI;
};
using Amounts = std::map<std::string, Amount>;

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (__builtin_add_overflow(a, b, &out)) return a > 0 ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
  return out;
}

void add(Amounts& sums, const Amounts& more) {
  for (const auto& [name, amount] : more) {
    const auto [it, fresh] = sums.emplace(name, amount);
    if (!fresh) it->second.value = saturated_sum(it->second.value, amount.value);
  }
}

void raise(Amounts& sums, const Amounts& floor) {
  for (const auto& [name, amount] : floor) {
    const auto [it, fresh] = sums.emplace(name, amount);
    if (!fresh && it->second.value < amount.value) it->second = amount;
  }
}

Amounts amounts_of(const Json& list) {
  Amounts out;
  if (list.is_object())
    for (const auto& [name, value] : list.items())
      if (const auto q = parse_quantity(value)) out[name] = {name == "cpu" ? q->milli_value() : q->value(), q->format()};
  return out;
}

// What a pod asks for: its containers and sidecars, or what an init container needs at its turn, whichever is more; then
// what the pod states as a whole, and its overhead.
Amounts pod_amounts(const Json& pod, const char* list) {
  const Json& spec = member(pod, "spec");
  Amounts sums, sidecars, init_peak;
  for (const Json& c : items_of(member(spec, "containers"))) add(sums, amounts_of(at_path(c, {"resources", list})));
  for (const Json& c : items_of(member(spec, "initContainers"))) {
    Amounts needs = amounts_of(at_path(c, {"resources", list}));
    if (text_at(c, {"restartPolicy"}) == "Always") {
      add(sums, needs);
      add(sidecars, needs);
      needs = sidecars;
    } else {
      add(needs, sidecars);
    }
    raise(init_peak, needs);
  }
  raise(sums, init_peak);
  for (const auto& [name, amount] : amounts_of(at_path(spec, {"resources", list}))) sums[name] = amount;
  for (const auto& [name, amount] : amounts_of(member(spec, "overhead"))) {
    const auto it = sums.find(name);
    if (it == sums.end()) {
      if (std::string_view(list) == "requests") sums[name] = amount;
    } else if (std::string_view(list) == "requests" || it->second.value != 0) {
      it->second.value = saturated_sum(it->second.value, amount.value);
    }
  }
  return sums;
}

std::string amount_text(const Amounts& amounts, const std::string& name) {
  const auto it = amounts.find(name);
  if (it == amounts.end()) return "0";
  return (name == "cpu" ? Quantity::of_milli(it->second.value, it->second.format) : Quantity::of(it->second.value, it->second.format)).to_string();
}

// "250m (12%)". DEVIATION: where the node offers nothing kubectl divides by zero; here that is 0%.
std::string share_text(const Amounts& amounts, const Amounts& offered, const std::string& name) {
  const auto part = amounts.find(name);
  const auto whole = offered.find(name);
  double percent = 0;
  if (part != amounts.end() && whole != offered.end() && whole->second.value != 0)
    percent = static_cast<double>(part->second.value) / static_cast<double>(whole->second.value) * 100;
  return fmt::format("{} ({}%)", amount_text(amounts, name), static_cast<std::int64_t>(std::clamp(percent, -9e15, 9e15)));
}

std::string taint_text(const Json& t) {
  const std::string value = text_at(t, {"value"}), effect = text_at(t, {"effect"});
  std::string out = text_at(t, {"key"});
  if (!value.empty()) out += '=' + value;
  if (!effect.empty() || !value.empty()) out += ':' + effect;
  return out;
}

void put_taints(TabText& out, const Json& taints) {
  std::vector<std::pair<std::string, std::string>> sorted;
  for (const Json& t : items_of(taints)) sorted.emplace_back(text_at(t, {"effect"}) + ',' + text_at(t, {"key"}), taint_text(t));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (sorted.empty()) out.line(0, "Taints:\t<none>");
  for (std::size_t i = 0; i < sorted.size(); ++i) out.line(0, "{}\t{}", i == 0 ? "Taints:" : "", sorted[i].second);
}

std::string roles_of(const Json& labels) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  if (labels.is_object())
    for (const auto& [k, v] : labels.items()) {
      if (k.starts_with(kPrefix) && k.size() > kPrefix.size()) roles.insert(k.substr(kPrefix.size()));
      if (k == "kubernetes.io/role" && !text_of(v).empty()) roles.insert(text_of(v));
    }
  return roles.empty() ? "<none>" : fmt::format("{}", fmt::join(roles, ","));
}

void put_lease(TabText& out, const Json& node, const Json* lease) {
  if (lease == nullptr) {
    out.line(0, "Lease:\tFailed to get lease: leases.coordination.k8s.io \"{}\" not found", text_at(node, {"metadata", "name"}));
    return;
  }
  const Json& spec = member(*lease, "spec");
  const auto time = [&](const char* key) { return member(spec, key).is_null() ? "<unset>" : absolute_time(member(spec, key)); };
  out.line(0, "Lease:");
  out.line(1, "HolderIdentity:\t{}", member(spec, "holderIdentity").is_string() ? text_at(spec, {"holderIdentity"}) : "<unset>");
  out.line(1, "AcquireTime:\t{}", time("acquireTime"));
  out.line(1, "RenewTime:\t{}", time("renewTime"));
}

void put_pods(TabText& out, const Json& node, const DescribeContext& context) {
  const std::string name = text_at(node, {"metadata", "name"});
  const Json &status = member(node, "status"), &allocatable = member(status, "allocatable");
  const Amounts offered = amounts_of(allocatable.is_object() && !allocatable.empty() ? allocatable : member(status, "capacity"));
  std::vector<const Json*> pods;
  for (const Json& p : context.pods) {
    const std::string phase = text_at(p, {"status", "phase"});
    if (text_at(p, {"spec", "nodeName"}) == name && phase != "Succeeded" && phase != "Failed") pods.push_back(&p);
  }
  out.line(0, "Non-terminated Pods:\t({} in total)", pods.size());
  out.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  out.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  Amounts all_requests, all_limits;
  for (const Json* p : pods) {
    const Amounts requests = pod_amounts(*p, "requests"), limits = pod_amounts(*p, "limits");
    add(all_requests, requests);
    add(all_limits, limits);
    out.line(1, "{}\t{}\t\t{}\t{}\t{}\t{}\t{}", text_at(*p, {"metadata", "namespace"}), text_at(*p, {"metadata", "name"}), share_text(requests, offered, "cpu"),
             share_text(limits, offered, "cpu"), share_text(requests, offered, "memory"), share_text(limits, offered, "memory"),
             age_of(at_path(*p, {"metadata", "creationTimestamp"}), context.now_ns, "<unknown>"));
  }
  out.line(0, "Allocated resources:");
  out.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  out.line(1, "Resource\tRequests\tLimits");
  out.line(1, "--------\t--------\t------");
  const auto put_share = [&](const std::string& resource) {
    out.line(1, "{}\t{}\t{}", resource, share_text(all_requests, offered, resource), share_text(all_limits, offered, resource));
  };
  for (const char* resource : {"cpu", "memory", "ephemeral-storage"}) put_share(resource);
  for (const auto& [resource, amount] : offered)
    if (resource.starts_with("hugepages-")) put_share(resource);
  for (const auto& [resource, amount] : offered)
    if (resource != "cpu" && resource != "memory" && resource != "ephemeral-storage" && resource != "pods" && !resource.starts_with("hugepages-"))
      out.line(1, "{}\t{}\t{}", resource, amount_text(all_requests, resource), amount_text(all_limits, resource));
}

}  // namespace

void put_node(TabText& out, const Json& node, const DescribeContext& context) {
  const Json &meta = member(node, "metadata"), &spec = member(node, "spec"), &status = member(node, "status");
  out.line(0, "Name:\t{}", text_at(meta, {"name"}));
  out.line(0, "Roles:\t{}", roles_of(member(meta, "labels")));
  put_labels(out, "Labels", member(meta, "labels"));
  put_annotations(out, "Annotations", member(meta, "annotations"));
  out.line(0, "CreationTimestamp:\t{}", absolute_time(member(meta, "creationTimestamp")));
  put_taints(out, member(spec, "taints"));
  out.line(0, "Unschedulable:\t{}", is_true(member(spec, "unschedulable")));
  put_lease(out, node, context.lease);
  const Json& conditions = items_of(member(status, "conditions"));
  if (!conditions.empty()) {
    out.line(0, "Conditions:");
    out.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
  }
  for (const Json& c : conditions)
    out.line(1, "{} \t{} \t{} \t{} \t{} \t{}", text_at(c, {"type"}), text_at(c, {"status"}), absolute_time(member(c, "lastHeartbeatTime")),
             absolute_time(member(c, "lastTransitionTime")), text_at(c, {"reason"}), text_at(c, {"message"}));
  out.line(0, "Addresses:");
  for (const Json& a : items_of(member(status, "addresses"))) out.line(1, "{}:\t{}", text_at(a, {"type"}), text_at(a, {"address"}));
  for (const auto& [title, key] : {std::pair{"Capacity", "capacity"}, std::pair{"Allocatable", "allocatable"}}) {
    const Json& list = member(status, key);
    if (!list.is_object() || list.empty()) continue;
    out.line(0, "{}:", title);
    for (const auto& [resource, value] : list.items()) out.line(1, "{}:\t{}", resource, quantity_text(value));
  }
  out.line(0, "System Info:");
  const Json& info = member(status, "nodeInfo");
  for (const auto& [title, key] :
       {std::pair{"Machine ID", "machineID"}, std::pair{"System UUID", "systemUUID"}, std::pair{"Boot ID", "bootID"}, std::pair{"Kernel Version", "kernelVersion"},
        std::pair{"OS Image", "osImage"}, std::pair{"Operating System", "operatingSystem"}, std::pair{"Architecture", "architecture"},
        std::pair{"Container Runtime Version", "containerRuntimeVersion"}, std::pair{"Kubelet Version", "kubeletVersion"},
        std::pair{"Kube-Proxy Version", "kubeProxyVersion"}})
    out.line(1, "{}:\t{}", title, text_of(member(info, key)));
  if (const std::string range = text_at(spec, {"podCIDR"}); !range.empty()) out.line(0, "PodCIDR:\t{}", range);
  std::vector<std::string> ranges;
  for (const Json& r : items_of(member(spec, "podCIDRs"))) ranges.push_back(text_of(r));
  if (!ranges.empty()) out.line(0, "PodCIDRs:\t{}", fmt::join(ranges, ","));
  if (const std::string provider = text_at(spec, {"providerID"}); !provider.empty()) out.line(0, "ProviderID:\t{}", provider);
  put_pods(out, node, context);
}

}  // namespace orrery::kubectl
