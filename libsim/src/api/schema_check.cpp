// The strict decoding of the API server (fieldValidation=Strict), all mistakes at once.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/reading.hpp"
#include "api/schema_pod.hpp"
#include "orrery/api/workflow_plan.hpp"
#include "orrery/api/quantity.hpp"
#include "orrery/api/schema.hpp"

namespace orrery {
namespace {

using nlohmann::json;
using detail::excerpt;

constexpr std::size_t kMaxExcerpt = 60;      // bytes of a value quoted in a message
constexpr std::size_t kMaxWordLength = 64;   // longer words get no "did you mean"
constexpr std::size_t kMaxHints = 100;       // unknown fields a hint is searched for
constexpr int kMaxSearchDepth = 3;           // objects a misplaced field is looked for in

// Every kind of the groups that are complete here: another name in them is a mistake, not somebody's own resource.
struct Group {
  std::string_view api_version;
  std::string_view kinds;  // separated by spaces, one before and one after each
};
constexpr Group kCompleteGroups[] = {
    {"v1",
     " Binding ComponentStatus ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume PersistentVolumeClaim Pod "
     "PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount "},
    {"apps/v1", " ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet "},
    {"batch/v1", " CronJob Job "},
    {"policy/v1", " Eviction PodDisruptionBudget "},
    {"coordination.k8s.io/v1", " Lease "},
    {"scheduling.k8s.io/v1", " PriorityClass "},
    {"events.k8s.io/v1", " Event "},
    {"orrery/v1", " Workflow "},
};
// Groups that have, or had in an older version, a kind of ours.
constexpr std::string_view kOurGroups[] = {"", "apps", "batch", "policy", "extensions", "coordination.k8s.io", "scheduling.k8s.io", "events.k8s.io", "orrery"};

bool has_word(std::string_view words, std::string_view word) {
  return word.find(' ') == std::string_view::npos && words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Insertions, deletions, substitutions and swaps of neighbours that make b of a.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kMaxWordLength + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

// Where below `type` a field of this name is, as "template.spec". Nearest first.
std::string find_below(const Type& type, std::string_view name) {
  struct Place {
    const Type* type;
    std::string path;
    int depth;
  };
  std::vector<Place> places{{&type, {}, 0}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place place = places[i];
    if (i > 0 && place.type->find(name) != nullptr) return place.path;
    if (place.depth == kMaxSearchDepth) continue;
    for (const Field& f : place.type->fields) {
      if (f.kind != FieldKind::kObject || f.is_list || f.type == &schema::kObjectMeta || f.name == "status") continue;
      places.push_back({f.type, place.path.empty() ? std::string(f.name) : fmt::format("{}.{}", place.path, f.name), place.depth + 1});
    }
  }
  return {};
}

std::string_view name_of(FieldKind kind) {
  switch (kind) {
    case FieldKind::kString: return "string";
    case FieldKind::kBool: return "boolean";
    case FieldKind::kInt32: return "int32";
    case FieldKind::kInt64: return "int64";
    case FieldKind::kQuantity: return "quantity";
    case FieldKind::kIntOrString: return "integer or string";
    case FieldKind::kTime: return "time";
    case FieldKind::kMicroTime: return "time with microseconds";
    case FieldKind::kStringMap: return "map of strings";
    case FieldKind::kQuantityMap: return "map of quantities";
    case FieldKind::kTimeMap: return "map of times";
    case FieldKind::kObject: return "object";
    case FieldKind::kAny: break;
  }
  return "anything";
}

std::string shown(const json& value) {
  if (value.is_object() || value.is_array()) return value.type_name();
  const std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  return fmt::format("{} {}", value.type_name(), excerpt(text, kMaxExcerpt));
}

class Checker {
 public:
  Checker(std::string base, Diagnostics& problems) : pointer_(std::move(base)), problems_(problems) {}

  void object(const json& value, const Type& type) {
    if (value.is_null()) return;
    if (!value.is_object()) return wrong_type(value, "object");
    for (const auto& [name, child] : value.get_ref<const json::object_t&>()) {
      const Inside inside(*this, name);
      const Field* field = type.find(name);
      if (field == nullptr) {
        unknown_field(name, type);
      } else if (!field->is_list) {
        single(child, *field);
      } else {
        list(child, *field);
      }
    }
  }

  // Adds a problem with the field `name` of the current object, or with the object itself when `name` is empty.
  void add(std::string_view name, std::string message, std::string hint = {}) {
    Diagnostic d;
    d.pointer = pointer_;
    if (!name.empty()) detail::append_token(d.pointer, name);
    d.message = std::move(message);
    d.hint = std::move(hint);
    problems_.push_back(std::move(d));
  }

 private:
  // Extends the pointer while a child is looked at.
  class Inside {
   public:
    Inside(Checker& checker, std::string_view token) : checker_(checker), size_(checker.pointer_.size()) {
      detail::append_token(checker.pointer_, token);
    }
    ~Inside() { checker_.pointer_.resize(size_); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

   private:
    Checker& checker_;
    std::size_t size_;
  };

  void list(const json& value, const Field& field) {
    if (value.is_null()) return;
    if (!value.is_array()) return wrong_type(value, "list");
    std::size_t i = 0;
    for (const json& item : value) {
      const Inside inside(*this, std::to_string(i++));
      single(item, field);
    }
  }

  void single(const json& value, const Field& field) {
    if (value.is_null()) return;
    switch (field.kind) {
      case FieldKind::kObject: return object(value, *field.type);
      case FieldKind::kStringMap: return map(value, field.kind, FieldKind::kString);
      case FieldKind::kQuantityMap: return map(value, field.kind, FieldKind::kQuantity);
      case FieldKind::kTimeMap: return map(value, field.kind, FieldKind::kTime);
      default: return scalar(value, field.kind);
    }
  }

  void map(const json& value, FieldKind kind, FieldKind item_kind) {
    if (!value.is_object()) return wrong_type(value, name_of(kind));
    for (const auto& [name, child] : value.get_ref<const json::object_t&>()) {
      if (child.is_null()) continue;
      const Inside inside(*this, name);
      scalar(child, item_kind);
    }
  }

  void scalar(const json& value, FieldKind kind) {
    switch (kind) {
      case FieldKind::kString:
        if (!value.is_string()) wrong_type(value, name_of(kind));
        break;
      case FieldKind::kBool:
        if (!value.is_boolean()) wrong_type(value, name_of(kind));
        break;
      case FieldKind::kInt32: return integer(value, kind, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
      case FieldKind::kInt64: return integer(value, kind, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
      case FieldKind::kIntOrString:
        if (!value.is_string()) integer(value, kind, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
        break;
      case FieldKind::kQuantity: return quantity(value);
      case FieldKind::kTime:
      case FieldKind::kMicroTime: return time(value, kind);
      default: break;
    }
  }

  void integer(const json& value, FieldKind kind, std::int64_t low, std::int64_t high) {
    const std::string_view width = kind == FieldKind::kInt64 ? "int64" : "int32";
    if (value.is_number_float()) {
      const double number = value.get<double>();
      const bool whole = std::trunc(number) == number && std::abs(number) < 1e15;
      return add({}, fmt::format("expected {}, got the fractional number {}", name_of(kind), value.dump()),
                 whole ? fmt::format("write {:.0f}", number) : std::string{});
    }
    if (!value.is_number()) return wrong_type(value, name_of(kind));
    const bool fits = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)
                          ? false
                          : value.get<std::int64_t>() >= low && value.get<std::int64_t>() <= high;
    if (!fits) add({}, fmt::format("{} is out of the range of {}", value.dump(), width), fmt::format("from {} to {}", low, high));
  }

  void quantity(const json& value) {
    if (!value.is_string() && !value.is_number()) return wrong_type(value, name_of(FieldKind::kQuantity));
    if (parse_quantity(value)) return;
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    std::string hint;
    std::string trimmed;
    for (const char c : text)
      if (c != ' ') trimmed += c;
    if (trimmed.size() > 1 && trimmed.back() == 'B') trimmed.pop_back();  // 512MB, 1 GiB
    if (trimmed != text && parse_quantity(std::string_view(trimmed))) hint = fmt::format("did you mean \"{}\"?", trimmed);
    add({}, fmt::format("\"{}\" is no quantity: {}", excerpt(text, kMaxExcerpt), quantity_problem(text)), std::move(hint));
  }

  void time(const json& value, FieldKind kind) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr) return wrong_type(value, name_of(kind));
    const bool micro = kind == FieldKind::kMicroTime;
    if (is_rfc3339(*text, micro)) return;
    add({}, fmt::format("\"{}\" is no RFC 3339 time{}", excerpt(*text, kMaxExcerpt), micro ? " with microseconds" : ""),
        micro ? "write it like 2026-01-01T00:00:00.000000Z" : "write it like 2026-01-01T00:00:00Z");
  }

  void wrong_type(const json& value, std::string_view expected) {
    std::string hint;
    if (expected == "string" && (value.is_number() || value.is_boolean())) hint = fmt::format("quote it: \"{}\"", value.dump());
    if ((expected == "boolean" || expected.starts_with("int")) && value.is_string()) hint = "without quotes";
    if (expected == "object" && value.is_array()) hint = "remove the leading \"- \" or brackets";
    if (expected == "list" && !value.is_array()) hint = "begin each item with \"- \"";
    add({}, fmt::format("expected {}, got {}", expected, shown(value)), std::move(hint));
  }

  void unknown_field(std::string_view name, const Type& type) {
    std::vector<std::string_view> names;
    if (problems_.size() < kMaxHints)
      for (const Field& f : type.fields) names.push_back(f.name);
    std::string hint;
    if (names.empty()) {
      // Nobody reads that far.
    } else if (const std::string_view match = closest_match(name, names); !match.empty()) {
      hint = fmt::format("did you mean \"{}\"?", match);
      if (lower(match) == lower(name)) hint += " (names are case-sensitive)";
    } else if (const std::string place = find_below(type, name); !place.empty()) {
      hint = fmt::format("it belongs into {}", place);
    }
    add({}, fmt::format("unknown field \"{}\"", excerpt(name, kMaxExcerpt)), std::move(hint));
  }

  std::string pointer_;
  Diagnostics& problems_;
};

// The table for the object's kind. Without one, says what is wrong with apiVersion and kind, if something is.
const Type* resolve(Checker& check, std::string_view api_version, std::string_view kind) {
  if (const Type* type = find_type(api_version, kind)) return type;
  if (std::count(api_version.begin(), api_version.end(), '/') > 1) {
    check.add("apiVersion", fmt::format("unexpected GroupVersion string: {}", excerpt(api_version, kMaxExcerpt)));
    return nullptr;
  }
  const std::string problem =
      fmt::format("no matches for kind \"{}\" in version \"{}\"", excerpt(kind, kMaxExcerpt), excerpt(api_version, kMaxExcerpt));
  for (const Group& group : kCompleteGroups) {
    if (group.api_version != api_version) continue;
    if (has_word(group.kinds, kind)) return nullptr;
    if (kind.ends_with("List") && has_word(group.kinds, kind.substr(0, kind.size() - 4))) return nullptr;
  }
  // A kind of ours in a version that has it not, or no longer.
  const std::string_view group = group_of(api_version);
  if (const KnownKind* known = find_kind(kind); known != nullptr && std::ranges::find(kOurGroups, group) != std::end(kOurGroups)) {
    check.add("apiVersion", problem, fmt::format("did you mean \"{}\"?", known->api_version));
    return nullptr;
  }
  for (const Group& candidates : kCompleteGroups) {
    if (candidates.api_version != api_version) continue;
    std::vector<std::string_view> names;
    for (std::string_view rest = candidates.kinds.substr(1); !rest.empty(); rest.remove_prefix(rest.find(' ') + 1))
      names.push_back(rest.substr(0, rest.find(' ')));
    const std::string_view match = closest_match(kind, names);
    check.add("kind", problem, match.empty() ? std::string{} : fmt::format("did you mean \"{}\"?", match));
  }
  return nullptr;
}

ObjectCheck check_nested(const json& object, const std::string& base, Diagnostics& problems, std::size_t depth, const Type* assumed) {
  Checker check(base, problems);
  if (!object.is_object()) {
    check.add({}, fmt::format("expected a Kubernetes object, got {}", shown(object)));
    return {};
  }
  if (depth >= kMaxObjectNesting) {
    check.add({}, fmt::format("lists are nested more than {} deep", kMaxObjectNesting));
    return {};
  }
  const auto text_of = [&](const char* name) -> const std::string* {
    const auto at = object.find(name);
    if (at == object.end() || at->is_null()) {
      if (assumed == nullptr) check.add({}, fmt::format("{} is not set", name));
      return nullptr;
    }
    if (!at->is_string()) check.add(name, fmt::format("expected string, got {}", shown(*at)));
    else if (at->get_ref<const std::string&>().empty()) check.add(name, fmt::format("{} is empty", name));
    else return at->get_ptr<const std::string*>();
    return nullptr;
  };
  const std::string* api_version = text_of("apiVersion");
  const std::string* kind = text_of("kind");
  const Type* type = assumed;
  if (api_version != nullptr && kind != nullptr) {
    if (kind->ends_with("List") && (*kind == "List" || find_type(*api_version, std::string_view(*kind).substr(0, kind->size() - 4)) != nullptr)) {
      // Items of a typed list need not say their kind again.
      const Type* item_type = find_type(*api_version, std::string_view(*kind).substr(0, kind->size() - 4));
      const auto items = object.find("items");
      if (items == object.end() || items->is_null()) return {true};
      if (!items->is_array()) {
        check.add("items", fmt::format("expected list, got {}", shown(*items)));
        return {};
      }
      ObjectCheck all{true};
      std::size_t i = 0;
      for (const json& item : *items)
        all.known = check_nested(item, fmt::format("{}/items/{}", base, i++), problems, depth + 1, item_type).known && all.known;
      return all;
    }
    type = resolve(check, *api_version, *kind);
  }
  if (type != nullptr) {
    check.object(object, *type);
    if (type == find_type("orrery/v1", "Workflow")) check_workflow(object, base, problems);
    return {true};
  }
  if (const auto metadata = object.find("metadata"); metadata != object.end()) check_value(*metadata, schema::kObjectMeta, base + "/metadata", problems);
  return {};
}

}  // namespace

std::string_view closest_match(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kMaxWordLength) return {};
  const std::string folded = lower(word);
  for (const std::string_view c : candidates)
    if (c != word && lower(c) == folded) return c;
  std::string_view best;
  std::size_t best_distance = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  for (const std::string_view c : candidates) {
    if (c == word || c.size() > kMaxWordLength) continue;
    const std::size_t gap = c.size() > word.size() ? c.size() - word.size() : word.size() - c.size();
    if (gap >= best_distance) continue;
    const std::size_t distance = edit_distance(folded, lower(c));
    if (distance < best_distance && distance < c.size()) {
      best_distance = distance;
      best = c;
    }
  }
  return best;
}

bool is_rfc3339(std::string_view text, bool micro) {
  constexpr std::string_view kPattern = "dddd-dd-ddTdd:dd:dd";
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() <= kPattern.size()) return false;
  for (std::size_t i = 0; i < kPattern.size(); ++i)
    if (kPattern[i] == 'd' ? !is_digit(text[i]) : text[i] != kPattern[i]) return false;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (month < 1 || month > 12) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (day < 1 || day > (month == 2 && leap ? 29 : kDays[month - 1])) return false;
  if (number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return false;
  text.remove_prefix(kPattern.size());
  std::size_t fraction = 0;
  if (text[0] == '.') {
    while (fraction + 1 < text.size() && is_digit(text[fraction + 1])) ++fraction;
    if (fraction == 0) return false;
    text.remove_prefix(fraction + 1);
  }
  if (micro && fraction != 6) return false;
  if (text == "Z") return true;
  return text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_digit(text[1]) && is_digit(text[2]) && text[3] == ':' &&
         is_digit(text[4]) && is_digit(text[5]) && (text[1] - '0') * 10 + (text[2] - '0') <= 24 && text[4] <= '5';
}

void check_value(const nlohmann::json& value, const Type& type, const std::string& base_pointer, Diagnostics& problems) {
  Checker(base_pointer, problems).object(value, type);
}

ObjectCheck check_object(const nlohmann::json& object, const std::string& base_pointer, Diagnostics& problems) {
  return check_nested(object, base_pointer, problems, 0, nullptr);
}

}  // namespace orrery
