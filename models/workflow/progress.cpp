#include "workflow/progress.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::workflow {

using Json = nlohmann::json;

namespace {
std::string text_at(const Json& o, const char* key) {
  const auto it = o.find(key);
  return it != o.end() && it->is_string() ? it->get<std::string>() : std::string{};
}
Stamp stamp_at(const Json& o, const char* key) {
  const auto t = parse_rfc3339(text_at(o, key));
  return t ? stamp(*t) : Stamp{};
}
}  // namespace

Progress progress_from(const Json& status, const WorkflowPlan& plan) {
  Progress out(plan.jobs.size());
  const auto list = status.is_object() ? status.find("jobs") : status.end();
  if (!status.is_object() || list == status.end() || !list->is_array()) return out;
  // The status lists the jobs in the order of the spec.
  for (std::size_t i = 0; i < out.size() && i < list->size(); ++i) {
    const Json& o = (*list)[i];
    if (!o.is_object()) continue;
    const std::string word = text_at(o, "state");
    for (std::size_t s = 0; s < kJobStates.size(); ++s)
      if (kJobStates[s] == word) out[i].state = static_cast<JobState>(s);
    out[i].start = stamp_at(o, "startTime");
    out[i].completion = stamp_at(o, "completionTime");
    out[i].message = text_at(o, "message");
  }
  return out;
}

Readiness readiness(const WorkflowPlan& plan, const Progress& progress, std::size_t i, std::string& why) {
  Readiness out = Readiness::ready;
  for (const WorkflowDependency& d : plan.jobs[i].depends_on) {
    const JobState before = progress[d.job].state;
    if (!ended(before)) {
      if (out == Readiness::ready) out = Readiness::open;
      continue;
    }
    const bool holds = d.condition == DependencyCondition::always || (d.condition == DependencyCondition::success && before == JobState::succeeded) ||
                       (d.condition == DependencyCondition::failure && before == JobState::failed);
    if (holds) continue;
    if (out != Readiness::never)
      why = before == JobState::skipped ? fmt::format("{} was skipped", plan.jobs[d.job].name)
                                        : fmt::format("{} has {}", plan.jobs[d.job].name, before == JobState::failed ? "failed" : "succeeded");
    out = Readiness::never;
  }
  return out;
}

std::vector<std::size_t> skip_hopeless(const WorkflowPlan& plan, Progress& progress) {
  std::vector<std::size_t> skipped;
  for (const std::size_t i : plan.order) {
    if (progress[i].state != JobState::waiting) continue;
    std::string why;
    if (readiness(plan, progress, i, why) != Readiness::never) continue;
    progress[i].state = JobState::skipped;
    progress[i].message = std::move(why);
    skipped.push_back(i);
  }
  return skipped;
}

std::vector<std::size_t> unhandled_failures(const WorkflowPlan& plan, const Progress& progress) {
  std::vector<char> handled(plan.jobs.size(), 0);
  for (std::size_t i = 0; i < plan.jobs.size(); ++i)
    for (const WorkflowDependency& d : plan.jobs[i].depends_on)
      if (d.condition == DependencyCondition::failure && progress[i].state == JobState::succeeded) handled[d.job] = 1;
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < plan.jobs.size(); ++i)
    if (progress[i].state == JobState::failed && handled[i] == 0) out.push_back(i);
  return out;
}

}  // namespace orrery::workflow
