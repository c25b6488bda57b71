// Label selectors of a scenario: the syntax is checked here, so that no action fails half-way through a run for a typing error.
#include <fmt/format.h>

#include "fields.hpp"
#include "orrery/api/selector.hpp"

namespace orrery::scenario_reading {
namespace {

/// matchLabels and matchExpressions in kubectl's syntax.
std::string from_object(Problems& problems, const json& value, const std::string& pointer) {
  std::vector<std::string> parts;
  Fields f(problems, value, pointer);
  if (const json* labels = f.take("matchLabels")) {
    Fields map(problems, *labels, f.at("matchLabels"));
    if (map.is_object())
      for (const auto& entry : labels->items())
        if (auto text = map.text(entry.key())) parts.push_back(fmt::format("{}={}", entry.key(), *text));
  }
  if (const json* list = f.array("matchExpressions", 1'000)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      Fields e(problems, (*list)[i], child(f.at("matchExpressions"), i));
      const std::string key = e.required_name("key");
      if (e.is_object() && !e.has("operator")) e.missing("operator");
      const auto op = e.word("operator", {"In", "NotIn", "Exists", "DoesNotExist"});
      std::vector<std::string> values;
      if (const json* v = e.array("values", 1'000))
        for (std::size_t k = 0; k < v->size(); ++k)
          if (auto text = read_text(problems, (*v)[k], child(e.at("values"), k))) values.push_back(std::move(*text));
      e.finish();
      if (!op) continue;
      if ((*op < 2) == values.empty()) problems.add(e.pointer(), *op < 2 ? "\"values\" must not be empty" : "\"values\" must be empty");
      if (*op < 2) parts.push_back(fmt::format("{} {} ({})", key, *op == 0 ? "in" : "notin", fmt::join(values, ",")));
      if (*op >= 2) parts.push_back(fmt::format("{}{}", *op == 2 ? "" : "!", key));
    }
  }
  f.finish();
  return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace

std::optional<std::string> read_selector(Problems& problems, const json& value, const std::string& pointer) {
  const std::size_t before = problems.size();
  std::optional<std::string> text;
  if (value.is_object())
    text = from_object(problems, value, pointer);
  else
    text = read_text(problems, value, pointer);
  if (problems.size() != before || !text) return std::nullopt;
  if (std::string error; !parse_selector(*text, &error)) {
    problems.add(pointer, fmt::format("\"{}\" is not a label selector: {}", shown(std::string_view(*text)), error), "write it like app=web,tier in (a,b),!old");
    return std::nullopt;
  }
  return text;
}

}  // namespace orrery::scenario_reading
