// Requests and limits.
#include <fmt/format.h>

#include <limits>

#include "name_rules.hpp"
#include "pod_rules.hpp"
#include "quantity_tree.hpp"

namespace orrery::validation {

namespace {

using ResourceNameRule = void (*)(const Path&, std::string_view, Errors&);

bool has_prefix(std::string_view s, std::string_view prefix) { return s.substr(0, prefix.size()) == prefix; }
bool is_huge_page(std::string_view name) { return has_prefix(name, "hugepages-"); }
bool is_native(std::string_view name) {
  return name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
}
bool is_overcommit_allowed(std::string_view name) { return is_native(name) && !is_huge_page(name); }

bool is_extended(std::string_view name) {
  if (is_native(name) || has_prefix(name, "requests.")) return false;
  return label_key(fmt::format("requests.{}", name)).empty();
}

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  for (const std::string_view known : names) {
    if (name == known) return true;
  }
  return false;
}

constexpr std::string_view kIntegers[] = {"pods",    "resourcequotas", "services",           "replicationcontrollers",
                                          "secrets", "configmaps",     "persistentvolumeclaims", "services.nodeports",
                                          "services.loadbalancers"};
constexpr std::string_view kStandard[] = {"cpu",
                                          "memory",
                                          "ephemeral-storage",
                                          "requests.cpu",
                                          "requests.memory",
                                          "requests.ephemeral-storage",
                                          "limits.cpu",
                                          "limits.memory",
                                          "limits.ephemeral-storage",
                                          "pods",
                                          "resourcequotas",
                                          "services",
                                          "replicationcontrollers",
                                          "secrets",
                                          "configmaps",
                                          "persistentvolumeclaims",
                                          "storage",
                                          "requests.storage",
                                          "services.nodeports",
                                          "services.loadbalancers"};

bool is_standard(std::string_view name) {
  return is_one_of(name, kStandard) || is_huge_page(name) || has_prefix(name, "requests.hugepages-");
}

/// False when the container and pod rules have nothing to add.
bool check_resource_name(const Path& path, std::string_view name, Errors& errors) {
  const Messages messages = label_key(name);
  errors.invalid_each(path, name, messages);
  if (!messages.empty()) return false;
  if (name.find('/') == std::string_view::npos && !is_standard(name)) {
    errors.invalid(path, go_quoted(name), "must be a standard resource type or fully qualified");
    return false;
  }
  return true;
}

void check_container_resource_name(const Path& path, std::string_view name, Errors& errors) {
  check_resource_name(path, name, errors);
  if (name.find('/') == std::string_view::npos) {
    if (name != "cpu" && name != "memory" && name != "ephemeral-storage" && !is_huge_page(name)) {
      errors.invalid(path, go_quoted(name), "must be a standard resource for containers");
    }
  } else if (!is_native(name) && !is_extended(name)) {
    errors.invalid(path, go_quoted(name), "doesn't follow extended resource name standard");
  }
}

void check_pod_resource_name(const Path& path, std::string_view name, Errors& errors) {
  if (!check_resource_name(path, name, errors)) return;
  if (name != "cpu" && name != "memory" && !is_huge_page(name)) errors.not_supported(path, json_quoted(name), {"cpu", "hugepages-", "memory"});
}

void check_huge_page_multiple(const Path& path, std::string_view name, const Quantity& amount, Errors& errors) {
  const std::optional<Quantity> page = parse_quantity(name.substr(std::string_view("hugepages-").size()));
  const bool divisible = page && page->sign() > 0 && page->is_whole() && amount.value() % page->value() == 0;
  if (divisible) return;
  errors.invalid(path, go_quoted(amount.to_string()), fmt::format("{} is not positive integer multiple of {}", amount.to_string(), name));
}

void check_claim_names(const Path& path, const json& claims, const std::set<std::string_view>& pod_claims, Errors& errors) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const Path claim = path.index(i);
    const std::string name(text(claims[i], "name"));
    if (name.empty()) {
      errors.required(claim);
      continue;
    }
    if (names.count(name) > 0) {
      errors.duplicate(claim, go_quoted(name));
    } else {
      std::string key = name;
      const std::string_view request = text(claims[i], "request");
      if (!request.empty()) {
        errors.invalid_each(claim.child("request"), request, dns1123_label(request));
        key += fmt::format("/{}", request);
      }
      if (names.count(key) > 0) {
        errors.duplicate(claim, go_quoted(key));
      } else if (request.empty()) {
        for (const std::string& other : names) {
          if (has_prefix(other, name + "/")) errors.duplicate(claim, go_quoted(name));
        }
      }
      names.insert(key);
    }
    if (pod_claims.count(name) > 0) continue;
    std::string detail = "must be one of the names in pod.spec.resourceClaims";
    detail += pod_claims.empty() ? std::string(" which is empty") : fmt::format(": {}", fmt::join(pod_claims, ", "));
    errors.add(FieldError::Type::not_found, claim, go_quoted(name), std::move(detail));
  }
}

void check_requirements(const Path& path, const json& resources, ResourceNameRule check_name, const std::set<std::string_view>& claims,
                        Errors& errors) {
  const Path limits_path = path.child("limits");
  const Path requests_path = path.child("requests");
  const json& limits = object(resources, "limits");
  const json& requests = object(resources, "requests");
  bool compute = false;
  bool huge_pages = false;
  for (auto it = limits.begin(); it != limits.end(); ++it) {
    const std::string& name = it.key();
    const Path own = limits_path.key(name);
    check_name(own, name, errors);
    check_resource_quantity(own, name, *it, errors);
    if (is_huge_page(name)) {
      huge_pages = true;
      check_huge_page_multiple(own, name, quantity_of(*it), errors);
    }
    compute = compute || name == "cpu" || name == "memory";
  }
  for (auto it = requests.begin(); it != requests.end(); ++it) {
    const std::string& name = it.key();
    const Path own = requests_path.key(name);
    check_name(own, name, errors);
    check_resource_quantity(own, name, *it, errors);
    const Quantity amount = quantity_of(*it);
    if (const json* limit_value = member(limits, name)) {
      const Quantity limit = quantity_of(*limit_value);
      if (!(amount == limit) && !is_overcommit_allowed(name)) {
        errors.invalid(requests_path, go_quoted(amount.to_string()), fmt::format("must be equal to {} limit of {}", name, limit.to_string()));
      } else if (limit < amount) {
        errors.invalid(requests_path, go_quoted(amount.to_string()),
                       fmt::format("must be less than or equal to {} limit of {}", name, limit.to_string()));
      }
    } else if (!is_overcommit_allowed(name)) {
      errors.required(limits_path, "Limit must be set for non overcommitable resources");
    }
    if (is_huge_page(name)) {
      huge_pages = true;
      check_huge_page_multiple(own, name, amount, errors);
    }
    compute = compute || name == "cpu" || name == "memory";
  }
  if (!compute && huge_pages) errors.forbidden(path, "HugePages require cpu or memory");
  check_claim_names(path.child("claims"), list(resources, "claims"), claims, errors);
}

using Amounts = std::map<std::string, Quantity>;

/// Sums are in thousandths, which is all that resource lists keep, and saturate.
void add(Amounts& to, const json& from) {
  for (auto it = from.begin(); it != from.end(); ++it) {
    const Quantity amount = quantity_of(*it);
    const auto [sum, is_new] = to.try_emplace(it.key(), amount);
    if (is_new) continue;
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const std::int64_t before = sum->second.milli_value();
    const std::int64_t more = amount.milli_value();
    const bool too_large = before > 0 && more > kMax - before;
    sum->second = Quantity::of_milli(too_large ? kMax : before + more, sum->second.format());
  }
}

void raise(Amounts& to, const Amounts& from) {
  for (const auto& [name, amount] : from) {
    Quantity& most = to.try_emplace(name, amount).first->second;
    if (most < amount) most = amount;
  }
}

/// What the containers of a pod ask for together: the sum, or the largest init container if that is more.
/// Sidecars (restartable init containers) count with the rest. Source: component-helpers/resource/helpers.go.
Amounts aggregate(const json& spec, const char* which) {
  Amounts total;
  for (const json& container : list(spec, "containers")) add(total, object(object(container, "resources"), which));
  Amounts sidecars;
  Amounts initial;
  for (const json& container : list(spec, "initContainers")) {
    const json& wanted = object(object(container, "resources"), which);
    if (text(container, "restartPolicy") == "Always") {
      add(total, wanted);
      add(sidecars, wanted);
      raise(initial, sidecars);
    } else {
      Amounts moment = sidecars;
      add(moment, wanted);
      raise(initial, moment);
    }
  }
  raise(total, initial);
  return total;
}

void check_pod_level_consistency(const Path& path, const json& spec, const json& resources, Errors& errors) {
  const json& requests = object(resources, "requests");
  const json& limits = object(resources, "limits");
  const Path requests_path = path.child("requests");
  for (const auto& [name, wanted] : aggregate(spec, "requests")) {
    const json* own = member(requests, name);
    if (own == nullptr || !(quantity_of(*own) < wanted)) continue;
    errors.invalid(requests_path.key(name), go_quoted(quantity_of(*own).to_string()),
                   fmt::format("must be greater than or equal to aggregate container requests of {}", wanted.to_string()));
  }
  const Path limits_path = path.child("limits");
  for (const auto& [name, wanted] : aggregate(spec, "limits")) {
    const json* own = member(limits, name);
    if (!is_huge_page(name) || own == nullptr || !(quantity_of(*own) < wanted)) continue;
    errors.invalid(limits_path.key(name), go_quoted(quantity_of(*own).to_string()),
                   fmt::format("must be greater than or equal to aggregate container limits of {}", wanted.to_string()));
  }
  const Path containers_path = path.child("containers");
  const json& containers = list(spec, "containers");
  for (std::size_t i = 0; i < containers.size(); ++i) {
    const Path container = containers_path.index(i);
    const json& own = object(object(containers[i], "resources"), "limits");
    for (auto it = own.begin(); it != own.end(); ++it) {
      const json* limit = member(limits, it.key());
      if (limit == nullptr || !(quantity_of(*limit) < quantity_of(*it))) continue;
      errors.invalid(container.key(it.key(), "limits"), go_quoted(quantity_of(*it).to_string()),
                     fmt::format("must be less than or equal to pod limits of {}", quantity_of(*limit).to_string()));
    }
  }
}

}  // namespace

void check_resource_quantity(const Path& path, std::string_view resource, const json& quantity, Errors& errors) {
  const Quantity amount = quantity_of(quantity);
  if (amount.sign() < 0) errors.invalid(path, go_quoted(amount.to_string()), "must be greater than or equal to 0");
  if ((is_one_of(resource, kIntegers) || is_extended(resource)) && !rounded_to_milli(amount).is_whole()) {
    errors.invalid(path, go_quoted(amount.to_string()), "must be an integer");
  }
}

void check_container_resources(const Path& path, const json& resources, const std::set<std::string_view>& claims, Errors& errors) {
  check_requirements(path, resources, check_container_resource_name, claims, errors);
}

void check_pod_resources(const Path& path, const json& spec, const std::set<std::string_view>& claims, Errors& errors) {
  const json* resources = member(spec, "resources");
  if (resources == nullptr) return;
  const Path own = path.child("resources");
  if (text(object(spec, "os"), "name") == "windows") {
    errors.forbidden(own, "may not be set for a windows pod");
    return;
  }
  if (member(*resources, "claims") != nullptr) errors.forbidden(own.child("claims"), "claims may not be set for Resources at pod-level");
  check_requirements(own, *resources, check_pod_resource_name, claims, errors);
  check_pod_level_consistency(own, spec, *resources, errors);
}

}  // namespace orrery::validation
