// `spec.behaviors`: what containers do.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "kinds.hpp"
#include "sections.hpp"

namespace orrery::scenario_reading {
namespace {

constexpr std::int64_t kMaxExitCode = 255;

std::optional<ExitChoice> read_weights(Problems& problems, const json& value, const std::string& pointer) {
  const std::size_t before = problems.size();
  std::map<std::int32_t, double> by_code;
  double sum = 0;
  for (const auto& [key, entry] : value.items()) {
    std::int32_t code = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), code);
    if (error != std::errc() || end != key.data() + key.size() || code < 0 || code > kMaxExitCode) {
      problems.add(child(pointer, key), fmt::format("\"{}\" is not an exit code of 0 to 255", shown(std::string_view(key))),
                   R"(write {"0": 0.9, "137": 0.1} or {"code": 137, "reason": "OOMKilled"})");
      continue;
    }
    const auto weight = read_number(problems, entry, child(pointer, key));
    if (!weight) continue;
    if (*weight < 0) problems.add(child(pointer, key), "a weight must not be negative");
    if (!by_code.emplace(code, *weight).second) problems.add(child(pointer, key), fmt::format("the exit code {} occurs twice", code));
    sum += *weight;
  }
  if (problems.size() != before) return std::nullopt;
  if (!(sum > 0) || !std::isfinite(sum)) {
    problems.add(pointer, "the sum of the weights must be greater than 0 and finite");
    return std::nullopt;
  }
  ExitChoice out;
  for (const auto& [code, weight] : by_code) out.push_back({weight, code, {}});
  return out;
}

std::map<std::string, std::string> read_labels(Problems& problems, const json& value, const std::string& pointer) {
  std::map<std::string, std::string> out;
  if (!value.is_object()) {
    problems.add(pointer, fmt::format("expected an object of labels, got {}", type_name(value)), R"(for example {"app": "web"})");
    return out;
  }
  for (const auto& [key, entry] : value.items())
    if (auto text = read_text(problems, entry, child(pointer, key))) out.emplace(key, std::move(*text));
  return out;
}

BehaviorMatch read_match(Problems& problems, const json& value, const std::string& pointer) {
  Fields f(problems, value, pointer);
  BehaviorMatch m;
  if (f.has("kind")) {
    if (const KindInfo* kind = read_kind(f)) m.kind = std::string(kind->kind);
  } else {
    f.take("kind");
  }
  m.name = f.name("name").value_or("");
  m.ns = f.name("namespace").value_or("");
  if (const json* labels = f.take("labels")) m.labels = read_labels(problems, *labels, f.at("labels"));
  m.container = f.name("container").value_or("");
  m.image = f.text("image").value_or("");
  if (const auto index = f.integer("index", 0, std::numeric_limits<std::int32_t>::max())) m.index = static_cast<std::int32_t>(*index);
  m.node = f.name("node").value_or("");
  f.finish();
  return m;
}

void read_attempt_fields(Fields& f, AttemptBehavior& out) {
  out.start = f.distribution("start");
  out.ready = f.distribution("ready");
  out.run = f.distribution("run", Forever::allowed);
  if (const json* exit = f.take("exit")) out.exit = read_exit(f.problems(), *exit, f.at("exit"));
}

Behavior read_behavior(Problems& problems, const json& value, const std::string& pointer) {
  Fields f(problems, value, pointer);
  Behavior b;
  if (const json* match = f.take("match")) b.match = read_match(problems, *match, f.at("match"));
  b.pull = f.distribution("pull");
  read_attempt_fields(f, b.base);
  b.stop = f.distribution("stop");
  if (const auto code = f.integer("stopExit", 0, kMaxExitCode)) b.stop_exit = static_cast<std::int32_t>(*code);
  if (const json* attempts = f.array("attempts", kMaxAttempts)) {
    if (attempts->empty()) problems.add(f.at("attempts"), "the list must not be empty", "leave it out");
    for (std::size_t i = 0; i < attempts->size(); ++i) {
      Fields attempt(problems, (*attempts)[i], child(f.at("attempts"), i));
      read_attempt_fields(attempt, b.attempts.emplace_back());
      attempt.finish();
    }
  }
  f.finish();
  return b;
}

}  // namespace

std::optional<ExitChoice> read_exit(Problems& problems, const json& value, const std::string& pointer) {
  if (!value.is_object()) {
    const auto code = read_integer(problems, value, pointer, 0, kMaxExitCode);
    return code ? std::optional<ExitChoice>(ExitChoice{{1, static_cast<std::int32_t>(*code), {}}}) : std::nullopt;
  }
  if (!value.contains("code") && !value.contains("reason")) return read_weights(problems, value, pointer);
  Fields f(problems, value, pointer);
  const std::size_t before = problems.size();
  if (!f.has("code")) f.missing("code");
  const auto code = f.integer("code", 0, kMaxExitCode);
  auto reason = f.name("reason");
  f.finish();
  if (problems.size() != before) return std::nullopt;
  return ExitChoice{{1, static_cast<std::int32_t>(code.value_or(0)), reason.value_or("")}};
}

std::vector<Behavior> read_behaviors(Problems& problems, const json& list, const std::string& pointer) {
  std::vector<Behavior> out;
  for (std::size_t i = 0; i < list.size() && !problems.full(); ++i) out.push_back(read_behavior(problems, list[i], child(pointer, i)));
  return out;
}

}  // namespace orrery::scenario_reading
