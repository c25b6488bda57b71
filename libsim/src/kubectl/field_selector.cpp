#include "orrery/kubectl/field_selector.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "values.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {

struct Known {
  std::string_view kind, field;
};
constexpr std::array kKnown{
    Known{"", "metadata.name"},
    Known{"", "metadata.namespace"},
    Known{"Pod", "spec.hostNetwork"},
    Known{"Pod", "spec.nodeName"},
    Known{"Pod", "spec.restartPolicy"},
    Known{"Pod", "spec.schedulerName"},
    Known{"Pod", "spec.serviceAccountName"},
    Known{"Pod", "status.nominatedNodeName"},
    Known{"Pod", "status.phase"},
    Known{"Pod", "status.podIP"},
    Known{"Node", "spec.unschedulable"},
    Known{"Namespace", "status.phase"},
    Known{"Job", "status.successful"},
    Known{"Event", "involvedObject.apiVersion"},
    Known{"Event", "involvedObject.fieldPath"},
    Known{"Event", "involvedObject.kind"},
    Known{"Event", "involvedObject.name"},
    Known{"Event", "involvedObject.namespace"},
    Known{"Event", "involvedObject.resourceVersion"},
    Known{"Event", "involvedObject.uid"},
    Known{"Event", "reason"},
    Known{"Event", "reportingComponent"},
    Known{"Event", "source"},
    Known{"Event", "type"},
};

// The one field that is not called as in the object.
constexpr std::string_view kSuccessful = "status.successful";

std::string value_of(const Json& object, const std::string& field) {
  if (field == "source") {
    const std::string component = kubectl::text_at(object, {"source", "component"});
    return component.empty() ? kubectl::text_at(object, {"reportingComponent"}) : component;
  }
  const Json* v = &object;
  const std::string path = field == kSuccessful ? "status.succeeded" : field;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    v = &kubectl::member(*v, path.substr(begin, end - begin).c_str());
    begin = end + 1;
  }
  if (v->is_boolean()) return v->get<bool>() ? "true" : "false";
  if (v->is_null()) {
    if (field == kSuccessful) return "0";
    if (field == "spec.unschedulable" || field == "spec.hostNetwork") return "false";
  }
  return kubectl::scalar_text(*v);
}

std::string trimmed_part(std::string_view text) { return kubectl::trimmed(text); }

}  // namespace

std::optional<FieldSelector> FieldSelector::parse(const KindInfo& kind, std::string_view text, std::string* problem) {
  const auto fail = [&](std::string why) -> std::optional<FieldSelector> {
    if (problem != nullptr) *problem = std::move(why);
    return std::nullopt;
  };
  FieldSelector out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    if (trimmed_part(part).empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return fail(fmt::format("invalid selector: '{}'; can't understand '{}'", text, part));
    Term term;
    term.equal = equals == 0 || part[equals - 1] != '!';
    term.field = trimmed_part(part.substr(0, term.equal ? equals : equals - 1));
    term.value = trimmed_part(part.substr(equals + (equals + 1 < part.size() && part[equals + 1] == '=' && term.equal ? 2 : 1)));
    std::vector<std::string_view> fields;
    for (const Known& k : kKnown)
      if ((k.kind.empty() || k.kind == kind.kind) && (kind.namespaced || k.field != "metadata.namespace")) fields.push_back(k.field);
    if (std::find(fields.begin(), fields.end(), term.field) == fields.end())
      return fail(fmt::format("field label not supported: {} (of a {}: {})", term.field, kind.kind, fmt::join(fields, ", ")));
    out.terms_.push_back(std::move(term));
  }
  return out;
}

bool FieldSelector::matches(const Json& object) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& t) { return (value_of(object, t.field) == t.value) == t.equal; });
}

}  // namespace orrery
