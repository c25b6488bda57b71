#include "causes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/kubectl/get.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kShownFields = 4;
constexpr std::size_t kShownValue = 40;
constexpr std::string_view kUser = "user";

std::string value_text(const Json& v) {
  std::string out = v.is_string() ? v.get<std::string>() : v.is_null() ? "(none)" : v.dump();
  if (out.size() > kShownValue) {
    std::size_t end = kShownValue;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out = out.substr(0, end) + "...";
  }
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return out;
}

/// How an element of a list is known: by type (conditions), name (containers) or key (taints).
std::string element_key(const Json& element) {
  if (element.is_object())
    for (const char* key : {"type", "name", "key"})
      if (const auto it = element.find(key); it != element.end() && it->is_string()) return it->get<std::string>();
  return {};
}

void differences(const Json& a, const Json& b, const std::string& path, std::vector<std::string>& out) {
  if (a == b) return;
  if (path == ".metadata.resourceVersion" || path == ".metadata.managedFields" || path.ends_with(".lastProbeTime") || path.ends_with(".lastTransitionTime") || path.ends_with(".lastHeartbeatTime")) return;
  if (a.is_object() || b.is_object()) {
    if ((a.is_object() || a.is_null()) && (b.is_object() || b.is_null())) {
      const Json none = Json::object();
      const Json &x = a.is_object() ? a : none, &y = b.is_object() ? b : none;
      const Json null;
      for (const auto& [key, value] : x.items()) differences(value, y.contains(key) ? y[key] : null, path + "." + key, out);
      for (const auto& [key, value] : y.items())
        if (!x.contains(key)) differences(null, value, path + "." + key, out);
      return;
    }
  }
  const bool lists = (a.is_array() || a.is_null()) && (b.is_array() || b.is_null()) && (a.is_array() || b.is_array());
  const auto keyed = [](const Json& list) { return std::all_of(list.begin(), list.end(), [](const Json& e) { return !element_key(e).empty(); }); };
  if (lists && keyed(a) && keyed(b)) {
    const Json null;
    const auto find = [&](const Json& list, const std::string& key) -> const Json& {
      for (const Json& e : list)
        if (element_key(e) == key) return e;
      return null;
    };
    const bool conditions = path.ends_with(".conditions");
    const auto compare = [&](const std::string& key) {
      const Json &x = find(a, key), &y = find(b, key);
      if (conditions) {
        const Json before = x.is_object() ? x.value("status", Json()) : Json(), after = y.is_object() ? y.value("status", Json()) : Json();
        if (before != after) out.push_back(fmt::format("{}: {} -> {}", key, value_text(before), value_text(after)));
        return;
      }
      differences(x, y, fmt::format("{}[{}]", path, key), out);
    };
    for (const Json& e : a) compare(element_key(e));
    for (const Json& e : b)
      if (find(a, element_key(e)).is_null()) compare(element_key(e));
    return;
  }
  const std::string shown = path.starts_with(".status.") ? path.substr(8) : path.substr(1);
  if (a.is_null())
    out.push_back(fmt::format("{} = {}", shown, value_text(b)));
  else
    out.push_back(fmt::format("{}: {} -> {}", shown, value_text(a), value_text(b)));
}

int weight(const std::string& difference) {
  for (const char* first : {"phase", "reason", "spec.", "metadata.deletion"})
    if (difference.starts_with(first)) return 0;
  for (const char* last : {"metadata.", "observedGeneration", "PodReadyToStartContainers", "ContainersReady"})
    if (difference.starts_with(last)) return 2;
  return difference.find("containerID") != std::string::npos ? 2 : 1;
}

bool refers_to(const Object& o, const Object& other) {
  if (o.uid() == other.uid()) return true;
  if (o.meta.owners())
    for (const OwnerReference& r : o.meta.owners()->items)
      if (r.uid == other.uid()) return true;
  return false;
}

}  // namespace

CauseRecord::CauseRecord(Simulation& sim) : sim_(sim) {
  sim.cluster().kernel().observe([this](const Event& e) {
    if (causes_.size() <= e.seq) {
      causes_.resize(e.seq + 1);
      actors_.resize(e.seq + 1);
    }
    causes_[e.seq] = e.cause;
    actors_[e.seq] = e.target;
    current_ = e.target;
  });
  sim.on_change([this](Duration at, const Change& change) {
    const bool before_start = change.cause == 0;
    if (!before_start) of_event_[change.cause].push_back(commits_.size());
    commits_.push_back({at, change, current_, before_start});
  });
}

std::size_t CauseRecord::cause_of(std::size_t commit) const {
  // Nothing in the cluster makes a person act.
  if (who(commits_[commit]) == kUser) return kNone;
  const Change& change = commits_[commit].change;
  std::uint64_t seq = change.cause < causes_.size() ? causes_[change.cause] : 0;
  for (; seq != 0 && seq < causes_.size(); seq = causes_[seq]) {
    const auto it = of_event_.find(seq);
    if (it == of_event_.end()) continue;
    // Of the writes of one event the one that the object has to do with, else the last.
    for (const std::size_t i : it->second)
      if (refers_to(*change.object, *commits_[i].change.object)) return i;
    return it->second.back();
  }
  return kNone;
}

std::string CauseRecord::who(const Commit& c) const {
  if (c.before_start) return "(before the start)";
  std::string_view name = sim_.cluster().kernel().actor_name(c.actor);
  // The objects of the scenario and its actions are a person's doing; a controller writes through its client.
  if (name.starts_with("timeline")) return std::string(kUser);
  constexpr std::string_view kClient = " client";
  if (name.ends_with(kClient)) name.remove_suffix(kClient.size());
  return std::string(name);
}

std::string CauseRecord::object_text(const Object& o) const {
  std::string word(kind_name(o.kind));
  if (o.kind == Kind::other) word = to_json(o, sim_.cluster().names()).value("kind", "object");
  const KindInfo* kind = resolve_kind(word);
  return fmt::format("{}/{}", kind == nullptr ? word : kind->group.empty() ? std::string(kind->singular) : fmt::format("{}.{}", kind->singular, kind->group), o.name());
}

std::string CauseRecord::what(const Commit& c) const {
  if (c.change.type == ChangeType::added) return "created";
  if (c.change.type == ChangeType::deleted) return "gone";
  std::vector<std::string> list;
  differences(to_json(*c.change.before, sim_.cluster().names()), to_json(*c.change.object, sim_.cluster().names()), "", list);
  // What says most comes first, what follows from the rest last.
  std::stable_sort(list.begin(), list.end(), [](const std::string& a, const std::string& b) { return weight(a) < weight(b); });
  if (list.empty()) return "times only";
  const std::size_t more = list.size() > kShownFields ? list.size() - kShownFields : 0;
  list.resize(list.size() - more);
  return fmt::format("{}{}", fmt::join(list, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

std::string CauseRecord::explain(const std::function<bool(const Object&)>& about) const {
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < commits_.size(); ++i)
    if (about(*commits_[i].change.object)) own.push_back(i);
  if (own.empty()) return {};
  std::vector<std::size_t> chain;
  for (std::size_t i = cause_of(own.front()); i != kNone; i = cause_of(i)) chain.push_back(i);
  std::reverse(chain.begin(), chain.end());
  const auto because = [&](std::size_t i) -> std::string {
    const std::size_t cause = cause_of(i);
    if (cause == kNone) return "-";
    const Commit& c = commits_[cause];
    const std::string short_text = c.change.type == ChangeType::added ? " created" : c.change.type == ChangeType::deleted ? " gone" : "";
    return fmt::format("{}{} at {}", object_text(*c.change.object), short_text, format_go_duration(c.at));
  };
  std::vector<std::vector<std::string>> rows{{"TIME", "BY", "BECAUSE OF", "OBJECT", "CHANGE"}};
  for (const auto* list : {&chain, &own})
    for (const std::size_t i : *list) {
      const Commit& c = commits_[i];
      rows.push_back({format_go_duration(c.at), who(c), because(i), object_text(*c.change.object), what(c)});
    }
  std::vector<std::size_t> widths(rows[0].size(), 0);
  for (const auto& row : rows)
    for (std::size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], row[j].size());
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t j = 0; j < row.size(); ++j) line += row[j] + std::string(j + 1 < row.size() ? widths[j] - row[j].size() + 3 : 0, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

}  // namespace orrery::cli
