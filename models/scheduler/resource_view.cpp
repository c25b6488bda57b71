#include "resource_view.hpp"

#include <algorithm>

#include "../support/json_reading.hpp"
#include "orrery/api/quantity.hpp"

namespace orrery {

namespace {
bool named_before(const std::pair<Symbol, std::int64_t>& a, Symbol name) { return a.first < name; }

std::int64_t bounded(std::int64_t amount) { return std::clamp(amount, std::int64_t{0}, kSchedAmountMax); }

std::optional<Quantity> quantity(const nlohmann::json& value, const std::string& name, Diagnostics* problems, const std::string& pointer) {
  std::optional<Quantity> q;
  if (value.is_string() || value.is_number()) q = parse_quantity(value);
  if (!q && problems != nullptr) {
    Diagnostic d;
    d.pointer = pointer + "/" + name;
    d.message = "not a quantity";
    problems->push_back(std::move(d));
  }
  return q;
}
}  // namespace

std::int64_t SchedResources::scalar(Symbol name) const {
  const auto it = std::lower_bound(scalars.begin(), scalars.end(), name, named_before);
  return it != scalars.end() && it->first == name ? it->second : 0;
}

void SchedResources::set_scalar(Symbol name, std::int64_t amount) {
  const auto it = std::lower_bound(scalars.begin(), scalars.end(), name, named_before);
  if (it != scalars.end() && it->first == name)
    it->second = amount;
  else
    scalars.insert(it, {name, amount});
}

void SchedResources::add(const SchedResources& other, int sign) {
  milli_cpu = sched_add(milli_cpu, sign * other.milli_cpu);
  memory = sched_add(memory, sign * other.memory);
  ephemeral = sched_add(ephemeral, sign * other.ephemeral);
  for (const auto& [name, amount] : other.scalars) set_scalar(name, sched_add(scalar(name), sign * amount));
}

void SchedResources::raise_to(const SchedResources& other) {
  milli_cpu = std::max(milli_cpu, other.milli_cpu);
  memory = std::max(memory, other.memory);
  ephemeral = std::max(ephemeral, other.ephemeral);
  for (const auto& [name, amount] : other.scalars) set_scalar(name, std::max(scalar(name), amount));
}

SchedResources parse_sched_resources(const nlohmann::json& map, Interner& names, Diagnostics* problems, const std::string& pointer) {
  SchedResources out;
  if (!map.is_object()) return out;
  for (const auto& [name, value] : map.items()) {
    if (name == "pods") continue;
    const auto q = quantity(value, name, problems, pointer);
    if (!q) continue;
    if (name == "cpu")
      out.milli_cpu = bounded(q->milli_value());
    else if (name == "memory")
      out.memory = bounded(q->value());
    else if (name == "ephemeral-storage")
      out.ephemeral = bounded(q->value());
    else
      out.set_scalar(names.intern(name), bounded(q->value()));
  }
  return out;
}

std::int64_t parse_sched_count(const nlohmann::json& map, const char* name, Diagnostics* problems, const std::string& pointer) {
  const nlohmann::json& value = json_reading::at(map, name);
  if (value.is_null()) return 0;
  const auto q = quantity(value, name, problems, pointer);
  return q ? bounded(q->value()) : 0;
}

}  // namespace orrery
