// The Jobs of a CronJob. A Job's spec carries the Job's own name and UID in generated labels, so each Job has a text of its
// own, which hardly anybody asks for; everything else is taken over from one prototype, whose name and UID are marks that occur nowhere else.
#include "orrery/cluster/cron_job.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/defaults.hpp"
#include "orrery/api/validation.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {

struct JobOutline final : SpecOutline {
  /// Each piece is followed by the name or the UID, the last by nothing.
  enum class Then : std::uint8_t { name, uid, end };
  std::vector<std::pair<std::string, Then>> pieces;

  std::string filled(const Identity& job) const override {
    const std::string_view name = job.name();
    const Uid::Characters characters = job.uid.characters();
    const std::string_view uid = characters.view();
    std::size_t size = 0;
    for (const auto& [text, then] : pieces) size += text.size() + std::max(name.size(), uid.size());
    std::string out;
    out.reserve(size);
    for (const auto& [text, then] : pieces) {
      out += text;
      if (then != Then::end) out += then == Then::name ? name : uid;
    }
    return out;
  }
};

struct PodLabels final : MapOutline {
  std::vector<StringMap::Item> items;
  std::string name_mark, uid_mark;

  std::vector<StringMap::Item> filled(const Identity& job, std::int64_t) const override {
    std::vector<StringMap::Item> out = items;
    for (auto& [key, value] : out) {
      if (value == name_mark)
        value = job.name();
      else if (value == uid_mark)
        value = job.uid.text();
    }
    return out;
  }
  bool is_uid(std::string_view key) const override {
    return std::any_of(items.begin(), items.end(), [&](const auto& item) { return item.second == uid_mark && item.first == key; });
  }
};

}  // namespace

struct JobTemplate::Prototype {
  Ref<const Job> job;  ///< with the spec that all share
  bool refused = false;
};

JobTemplate::JobTemplate() = default;
JobTemplate::~JobTemplate() = default;

namespace {

Ref<const StringMap> map_of(const Json& meta, const char* key) {
  std::vector<std::pair<std::string, std::string>> items;
  if (auto it = meta.find(key); it != meta.end() && it->is_object())
    for (const auto& [k, v] : it->items()) items.emplace_back(k, v.is_string() ? v.get<std::string>() : std::string{});
  return make_string_map(std::move(items));
}

/// A text that does not occur in `text`.
std::string mark_for(std::string_view text, std::string_view what) {
  std::string mark;
  for (int i = 0; mark.empty() || text.find(mark) != std::string_view::npos; ++i) mark = fmt::format("<{}-{}>", what, i);
  return mark;
}

}  // namespace

Ref<const JobTemplate> JobTemplate::make(const Json& job_template) {
  auto out = make_ref<JobTemplate>();
  out->text_ = job_template.is_object() ? job_template.dump(-1, ' ', false, Json::error_handler_t::replace) : "{}";
  if (job_template.is_object())
    if (auto meta = job_template.find("metadata"); meta != job_template.end() && meta->is_object()) {
      out->labels = map_of(*meta, "labels");
      out->annotations = map_of(*meta, "annotations");
    }
  return out;
}

Json JobTemplate::job_object(std::string_view ns, std::string_view name, std::string_view uid) const {
  const Json whole = Json::parse(text_, nullptr, false);
  Json job = {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", name}, {"namespace", ns}}}};
  job["spec"] = whole.is_object() ? whole.value("spec", Json::object()) : Json::object();
  for (const auto& [key, map] : {std::pair{"labels", labels.get()}, {"annotations", annotations.get()}})
    if (map != nullptr)
      for (const auto& [k, v] : map->items) job["metadata"][key][k] = v;
  prepare_for_create("Job", job, {.uid = uid, .now = {}});
  return job;
}

const JobTemplate::Prototype& JobTemplate::prototype(Symbol ns, Interner& names) const {
  if (prototype_) return *prototype_;
  auto p = std::make_unique<Prototype>();
  const std::string name_mark = mark_for(text_, "name"), uid_mark = mark_for(text_, "uid");
  const Ref<Object> made = from_json(job_object(names.text(ns), name_mark, uid_mark), names);
  made->meta.set_annotations({});
  Job& job = static_cast<Job&>(*made);
  const std::string text = job.spec->text(*job.meta.id);
  auto outline = make_ref<JobOutline>();
  std::size_t from = 0;
  while (true) {
    const std::size_t name = text.find(name_mark, from), uid = text.find(uid_mark, from);
    const std::size_t to = std::min(name, uid);
    using Then = JobOutline::Then;
    outline->pieces.emplace_back(text.substr(from, to == std::string_view::npos ? to : to - from),
                                 to == std::string_view::npos ? Then::end : name < uid ? Then::name : Then::uid);
    if (to == std::string_view::npos) break;
    from = to + (name < uid ? name_mark.size() : uid_mark.size());
  }
  auto spec = make_ref<JobSpec>(*job.spec);
  spec->text_ = std::string();
  spec->outline_ = std::move(outline);
  spec->selects_own_uid_ =
      std::erase_if(spec->selector, [&](const LabelRequirement& r) { return r.op == LabelRequirement::Op::in && r.values == std::vector{uid_mark}; }) != 0;
  if (const StringMap* all = spec->pod_template->labels.get()) {
    auto own = make_ref<PodLabels>();
    own->items = all->items;
    own->name_mark = name_mark;
    own->uid_mark = uid_mark;
    spec->pod_labels_ = std::move(own);
    auto pods = make_ref<PodTemplate>(*spec->pod_template);
    pods->labels = {};
    spec->pod_template = std::move(pods);
  }
  job.spec = std::move(spec);
  p->job = Ref<const Job>(&job);
  const Json plausible = job_object(names.text(ns), "x", Uid{1, 1}.text());
  p->refused = !validate_create("Job", plausible).empty();
  prototype_ = std::move(p);
  return *prototype_;
}

Ref<Job> JobTemplate::make_job(Symbol ns, const std::string& name, Uid uid, Interner& names) const {
  auto job = clone_as(*prototype(ns, names).job);
  job->meta.id = Identity::make(Kind::job, ns, name);
  job->meta.id->uid = uid;
  // As decoding does it (J-002).
  if (!job->meta.labels()) job->meta.set_labels(job->spec->pod_labels(job->meta));
  return job;
}

std::string JobTemplate::refusal(Symbol ns, const std::string& name, Uid uid, Interner& names) const {
  if (!prototype(ns, names).refused) return {};
  const auto errors = validate_create("Job", job_object(names.text(ns), name, uid.text()));
  return errors.empty() ? std::string{} : invalid_message(kind_with_group("Job"), name, errors);
}

// ---- what is a Job's own in a shared spec

namespace {
constexpr std::string_view kControllerUid = "batch.kubernetes.io/controller-uid";
}

bool JobSpec::selects(Uid job, const StringMap* labels) const {
  if (selects_own_uid_ && (labels == nullptr || !labels->says_uid(kControllerUid, job))) return false;
  return labels_match(selector, labels);
}

bool JobSpec::selects_by_uid(Uid job) const {
  if (selects_own_uid_) return selector.empty();
  return selector.size() == 1 && selector[0].op == LabelRequirement::Op::in && selector[0].key == kControllerUid && selector[0].values.size() == 1 &&
         selector[0].values[0] == job.characters().view();
}

Ref<const StringMap> JobSpec::pod_labels(const ObjectMeta& job) const {
  if (!pod_labels_) return pod_template->labels;
  return job.labels() && job.labels()->is_of(pod_labels_, *job.id) ? job.labels() : StringMap::outlined(pod_labels_, job.id);
}

// ---- the schedule of a CronJob

void CronJobSpec::compose() {
  zone = TimeZone::find(time_zone.value_or(""));
  const bool in_zone = time_zone && zone && !zone_in_schedule();
  cron = CronSchedule::parse(in_zone ? fmt::format("TZ={} {}", *time_zone, schedule) : schedule);
}

}  // namespace orrery
