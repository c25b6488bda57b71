#include "cluster/admission_memo.hpp"

#include <algorithm>
#include <utility>

#include "api/name_rules.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kEntriesMax = 1024;
constexpr const char* kHostname = "kubernetes.io/hostname";

Json* labels_of(Json& object) {
  Json& metadata = object["metadata"];
  const auto labels = metadata.find("labels");
  return labels != metadata.end() && labels->is_object() ? &*labels : nullptr;
}

/// A new object has nothing that tells of the instant at which another one was made.
bool is_timeless(const Object& o) {
  return o.kind == Kind::pod ? static_cast<const Pod&>(o).conditions.empty() : static_cast<const Node&>(o).conditions.empty();
}

Ref<const StringMap> with_hostname(const StringMap& labels, const std::string& name) {
  std::vector<StringMap::Item> items = labels.items;
  std::find_if(items.begin(), items.end(), [](const auto& item) { return item.first == kHostname; })->second = name;
  return make_string_map(std::move(items));
}

}  // namespace

bool Nameless::can_take(std::string_view kind, const Json& object) {
  if (kind != "Pod" && kind != "Node") return false;
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object() || metadata->contains("generateName")) return false;
  const auto name = metadata->find("name");
  if (name == metadata->end() || !name->is_string()) return false;
  const auto& text = name->get_ref<const std::string&>();
  // A node's name is a label of it as well.
  return validation::dns1123_subdomain(text).empty() && (kind == "Pod" || validation::label_value(text).empty());
}

Nameless::Nameless(Json object) : rest(std::move(object)) {
  Json& own = rest["metadata"]["name"];
  name = std::exchange(own.get_ref<std::string&>(), {});
  if (Json* labels = rest["kind"] == "Node" ? labels_of(rest) : nullptr) {
    const auto label = labels->find(kHostname);
    hostname_label = label != labels->end() && *label == name;
    if (hostname_label) labels->erase(label);
  }
  hash = std::hash<Json>{}(rest);
}

Json Nameless::named() && {
  if (hostname_label) rest["metadata"]["labels"][kHostname] = name;
  rest["metadata"]["name"] = std::move(name);
  return std::move(rest);
}

Ref<Object> AdmissionMemo::find(const Nameless& written, Stamp now) const {
  const auto it = entries_.find(written.hash);
  if (it == entries_.end() || it->second.rest != written.rest) return {};
  const Object& admitted = *it->second.admitted;
  if (admitted.meta.id->created != now && !is_timeless(admitted)) return {};
  Ref<Object> made = clone(admitted);
  made->meta.id = Identity::make(admitted.kind, admitted.ns(), written.name);
  made->meta.id->created = now;
  if (made->kind == Kind::node && *made->meta.label(kHostname) == admitted.name()) made->meta.set_labels(with_hostname(*made->meta.labels(), written.name));
  return made;
}

void AdmissionMemo::keep(Json rest, std::size_t hash, const Object& admitted) {
  if (entries_.size() == kEntriesMax) entries_.clear();
  // A version of its own: the store goes on to write into the one that it is given.
  entries_.insert_or_assign(hash, Entry{std::move(rest), clone(admitted)});
}

void AdmissionMemo::share_template(CronJob& fresh) {
  if (templates_.size() >= templates_kept_) {
    std::erase_if(templates_, [](const auto& entry) { return entry.second->ref_count() == 1; });
    templates_kept_ = std::max<std::size_t>(1024, templates_.size() * 2);
  }
  const Ref<const JobTemplate>& own = fresh.spec->job_template;
  const Ref<const JobTemplate>& known = templates_.try_emplace({fresh.ns(), own->text()}, own).first->second;
  if (known == own) return;
  auto spec = make_ref<CronJobSpec>(*fresh.spec);
  spec->job_template = known;
  fresh.spec = std::move(spec);
}

}  // namespace orrery
