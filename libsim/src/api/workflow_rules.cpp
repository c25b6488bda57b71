// Workflows, a kind of our own. The graph of the jobs is the business of check_workflow, which every object has passed before.
#include <fmt/format.h>

#include "kind_rules.hpp"
#include "metadata_rules.hpp"
#include "shape.hpp"

namespace orrery::validation {

namespace {

constexpr std::size_t kMaxJobName = 63;  // a Job's name becomes a label of its pods

void check_spec(const Path& path, const json& workflow, Errors& errors) {
  const json& spec = object(workflow, "spec");
  const std::string_view version = text(workflow, "apiVersion");
  if (version != "orrery/v1") errors.not_supported(Path("apiVersion"), json_quoted(version), {"orrery/v1"});
  if (const json* parallelism = member(spec, "parallelism"); parallelism != nullptr && number(*parallelism) <= 0)
    errors.invalid(path.child("parallelism"), fmt::format("{}", number(*parallelism)), "must be greater than 0");
  const json& jobs = list(spec, "jobs");
  if (jobs.empty()) errors.required(path.child("jobs"));
  const std::string_view name = text(object(workflow, "metadata"), "name");
  const Path jobs_path = path.child("jobs");
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const Path job = jobs_path.index(i);
    const std::string_view own = text(jobs[i], "name");
    if (name.size() + 1 + own.size() > kMaxJobName)
      errors.invalid(job.child("name"), go_quoted(own), fmt::format("together with the name of the workflow must be no more than {} characters", kMaxJobName - 1));
    const json& job_spec = object(object(jobs[i], "template"), "spec");
    const Path job_path = job.child("template.spec");
    check_job_spec(job_path, job_spec, errors);
    if (const json* selector = member(job_spec, "selector"))
      errors.invalid(job_path.child("selector"), wire_text("LabelSelector", selector), "`selector` will be auto-generated");
    if (flag(job_spec, "manualSelector")) errors.not_supported(job_path.child("manualSelector"), "true", {"nil", "false"});
    const json& metadata = object(object(jobs[i], "template"), "metadata");
    const Path metadata_path = job.child("template.metadata");
    check_labels(metadata_path.child("labels"), object(metadata, "labels"), errors);
    check_annotations(metadata_path.child("annotations"), object(metadata, "annotations"), errors);
  }
}

}  // namespace

void check_workflow_create(const json& workflow, Errors& errors) {
  const Path path("spec");
  check_plain_metadata(workflow, Scope::namespaced, errors);
  check_spec(path, workflow, errors);
}

void check_workflow_update(const json& new_workflow, const json& old_workflow, Errors& errors) {
  const Path path("spec");
  check_metadata_update(new_workflow, old_workflow, errors);
  const json* jobs = member(object(new_workflow, "spec"), "jobs");
  if (!semantically_equal("[]WorkflowJob", jobs, member(object(old_workflow, "spec"), "jobs"))) {
    errors.invalid(path.child("jobs"), fmt::format("{} jobs", jobs == nullptr ? 0 : jobs->size()), "field is immutable");
    return;
  }
  check_spec(path, new_workflow, errors);
}

}  // namespace orrery::validation
