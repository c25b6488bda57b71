// KIND of a field: s string, i integer, b bool, q Quantity, o IntOrString, t time, r anything, or a type of the table;
// prefixes: * pointer, [] slice, {} map with string keys.
#include "shape.hpp"

#include <algorithm>
#include <bitset>
#include <map>

#include "orrery/core/check.hpp"
#include "quantity_tree.hpp"
#include "shape_table.hpp"

namespace orrery::validation {

namespace {

struct Field {
  std::string_view go_name;
  std::string_view name;
  char flag = '!';
  std::string_view kind;
};

using Table = std::map<std::string_view, std::vector<Field>>;

Table parse(std::span<const ShapeRow> rows, bool internal) {
  Table table;
  for (const ShapeRow& row : rows) {
    std::vector<Field>& fields = table[row.type];
    std::string_view rest = row.fields;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      const std::size_t mark = word.find_first_of(internal ? ":" : "!?~");
      if (mark == std::string_view::npos) continue;
      const std::size_t equals = internal ? word.find('=') : std::string_view::npos;
      const bool named = equals != std::string_view::npos;
      fields.push_back({named ? word.substr(0, equals) : std::string_view(),
                        named ? word.substr(equals + 1, mark - equals - 1) : word.substr(0, mark), internal ? '!' : word[mark],
                        word.substr(mark + 1)});
    }
  }
  return table;
}

const std::vector<Field>* find_type(std::string_view type, bool internal) {
  static const Table wire = parse(wire_rows(), false);
  static const Table own = parse(internal_rows(), true);
  const Table& table = internal ? own : wire;
  const auto it = table.find(type);
  return it == table.end() ? nullptr : &it->second;
}

const json* member_of(const json* value, std::string_view name) {
  if (value == nullptr || !value->is_object()) return nullptr;
  const auto it = value->find(name);
  return it == value->end() || it->is_null() ? nullptr : &*it;
}

template <class Out>
Out wire_struct(std::string_view type, const json* value);

template <class Out>
Out wire_value(std::string_view kind, const json* value) {
  switch (kind.front()) {
    case '*': return value == nullptr ? Out(nullptr) : wire_value<Out>(kind.substr(1), value);
    case '[': {
      if (value == nullptr || !value->is_array()) return Out(nullptr);
      Out out = Out::array();
      for (const json& element : *value) out.push_back(wire_value<Out>(kind.substr(2), element.is_null() ? nullptr : &element));
      return out;
    }
    case '{': {
      if (value == nullptr || !value->is_object() || value->empty()) return Out(nullptr);
      Out out = Out::object();
      for (auto it = value->begin(); it != value->end(); ++it) {
        out[it.key()] = wire_value<Out>(kind.substr(2), it->is_null() ? nullptr : &*it);
      }
      return out;
    }
    case 's': return Out(std::string(value == nullptr ? std::string_view() : text(*value)));
    case 'i': return Out(value == nullptr ? 0 : number(*value));
    case 'b': return Out(value != nullptr && value->is_boolean() && value->template get<bool>());
    case 'q': return Out(value == nullptr ? std::string("0") : canonical_quantity(*value));
    case 'o': return value == nullptr ? Out(0) : Out(*value);
    case 't':
    case 'r': return value == nullptr ? Out(nullptr) : Out(*value);
    default: return wire_struct<Out>(kind, value);
  }
}

bool is_struct(std::string_view kind) { return kind.front() >= 'A' && kind.front() <= 'Z'; }

template <class Out>
bool is_left_out(const Field& field, const Out& value) {
  if (field.flag == '!') return false;
  if (field.flag == '~') return value.is_null() || (value.is_object() && value.empty());
  switch (field.kind.front()) {
    case '*': return value.is_null();
    case '[':
    case '{': return value.empty();  // so is null
    case 's': return value.template get_ref<const std::string&>().empty();
    case 'i': return value == Out(0);
    case 'b': return value == Out(false);
    default: return false;  // omitempty never leaves out a struct
  }
}

/// Whether an absent field of this sort is left out: most of them, so it is worth not making a value first.
bool is_absent_left_out(const Field& field) {
  return field.flag == '?' && std::string_view("*[{sib").find(field.kind.front()) != std::string_view::npos;
}

template <class Out>
Out wire_struct(std::string_view type, const json* value) {
  Out out = Out::object();
  const std::vector<Field>* fields = find_type(type, false);
  if (fields == nullptr) return value == nullptr ? out : Out(*value);
  for (const Field& field : *fields) {
    if (is_absent_left_out(field) && member_of(value, field.name) == nullptr) continue;
    Out converted = wire_value<Out>(field.kind, member_of(value, field.name));
    if (!is_left_out(field, converted)) out[std::string(field.name)] = std::move(converted);
  }
  return out;
}

json typed_struct(std::string_view type, const json& value);

json typed_value(std::string_view kind, const json& value) {
  switch (kind.front()) {
    case '*': return typed_value(kind.substr(1), value);
    case '[': {
      if (!value.is_array()) return nullptr;
      json out = json::array();
      for (const json& element : value) out.push_back(typed_value(kind.substr(2), element));
      return out;
    }
    case '{': {
      if (!value.is_object()) return nullptr;
      json out = json::object();
      for (auto it = value.begin(); it != value.end(); ++it) out[it.key()] = typed_value(kind.substr(2), *it);
      return out;
    }
    default: return is_struct(kind) ? typed_struct(kind, value) : wire_value<json>(kind, value.is_null() ? nullptr : &value);
  }
}

json typed_struct(std::string_view type, const json& value) {
  json out = json::object();
  const std::vector<Field>* fields = find_type(type, false);
  if (fields == nullptr) return value;
  for (const Field& field : *fields) {
    const json* part = member_of(&value, field.name);
    if (part == nullptr) continue;
    json converted = typed_value(field.kind, *part);
    if (!converted.is_null()) out[std::string(field.name)] = std::move(converted);
  }
  return out;
}

// ---- the same two conversions on a tree that is given up for it: most of it stays where it is

void wire_in_place(std::string_view kind, json& value);

/// Calls `convert(field, member)` for every known member that is not null; the others, and those for which it says no, go.
/// `absent(field)` hears of the fields that were not there.
template <class Convert, class Absent>
void walk_members(const std::vector<Field>& fields, json& object, Convert convert, Absent absent) {
  constexpr std::size_t kFieldsMax = 128;  // twice as many as any type has
  std::bitset<kFieldsMax> seen;
  ORRERY_CHECK(fields.size() <= kFieldsMax, "an API type with more fields than expected");
  for (auto it = object.begin(); it != object.end();) {
    const std::string_view key = it.key();
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == key; });
    bool stays = false;
    if (field != fields.end() && !it->is_null()) {
      seen[static_cast<std::size_t>(field - fields.begin())] = true;
      stays = convert(*field, *it);
    }
    it = stays ? std::next(it) : object.erase(it);
  }
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (!seen[i]) absent(fields[i]);
}

void wire_struct_in_place(std::string_view type, json& value) {
  const std::vector<Field>* fields = find_type(type, false);
  if (fields == nullptr) return;
  if (!value.is_object()) value = json::object();
  walk_members(
      *fields, value,
      [](const Field& field, json& member) {
        wire_in_place(field.kind, member);
        return !is_left_out(field, member);
      },
      [&](const Field& field) {
        if (is_absent_left_out(field)) return;
        json converted = wire_value<json>(field.kind, nullptr);
        if (!is_left_out(field, converted)) value[std::string(field.name)] = std::move(converted);
      });
}

void wire_in_place(std::string_view kind, json& value) {
  const auto each = [&] {
    for (json& element : value) {
      if (element.is_null()) element = wire_value<json>(kind.substr(2), nullptr);
      else wire_in_place(kind.substr(2), element);
    }
  };
  switch (kind.front()) {
    case '*': return wire_in_place(kind.substr(1), value);
    case '[':
      if (value.is_array()) each();
      else value = nullptr;
      return;
    case '{':
      if (value.is_object() && !value.empty()) each();
      else value = nullptr;
      return;
    case 's':
      if (!value.is_string()) value = std::string();
      return;
    case 'i':
    case 'b':
    case 'q': value = wire_value<json>(kind, &value); return;
    case 'o':
    case 't':
    case 'r': return;
    default: return wire_struct_in_place(kind, value);
  }
}

void typed_in_place(std::string_view kind, json& value) {
  switch (kind.front()) {
    case '*': return typed_in_place(kind.substr(1), value);
    case '[':
    case '{':
      if (kind.front() == '[' ? !value.is_array() : !value.is_object()) {
        value = nullptr;
        return;
      }
      for (json& element : value) typed_in_place(kind.substr(2), element);
      return;
    default: break;
  }
  if (!is_struct(kind)) {
    if (value.is_null()) value = wire_value<json>(kind, nullptr);
    else wire_in_place(kind, value);
    return;
  }
  const std::vector<Field>* fields = find_type(kind, false);
  if (fields == nullptr) return;
  if (!value.is_object()) value = json::object();
  walk_members(
      *fields, value,
      [](const Field& field, json& member) {
        typed_in_place(field.kind, member);
        return !member.is_null();
      },
      [](const Field&) {});
}

ordered_json internal_struct(std::string_view type, const json* value);

ordered_json internal_value(std::string_view kind, const json* value) {
  switch (kind.front()) {
    case '*': return value == nullptr ? ordered_json(nullptr) : internal_value(kind.substr(1), value);
    case '[': {
      if (value == nullptr || !value->is_array()) return nullptr;
      ordered_json out = ordered_json::array();
      for (const json& element : *value) out.push_back(internal_value(kind.substr(2), element.is_null() ? nullptr : &element));
      return out;
    }
    case '{': {
      if (value == nullptr || !value->is_object()) return nullptr;
      ordered_json out = ordered_json::object();
      for (auto it = value->begin(); it != value->end(); ++it) {
        out[it.key()] = internal_value(kind.substr(2), it->is_null() ? nullptr : &*it);
      }
      return out;
    }
    default: return is_struct(kind) ? internal_struct(kind, value) : wire_value<ordered_json>(kind, value);
  }
}

/// The API server keeps the host namespaces of a pod in its security context.
json with_host_namespaces(const json& pod_spec) {
  json out = pod_spec;
  for (const char* name : {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"}) {
    const json* value = member(pod_spec, name);
    if (value != nullptr) out["securityContext"][name] = *value;
  }
  return out;
}

ordered_json internal_struct(std::string_view type, const json* value) {
  const std::vector<Field>* fields = find_type(type, true);
  if (fields == nullptr) return wire_struct<ordered_json>(type, value);
  json merged;
  if (type == "PodSpec" && value != nullptr && value->is_object()) {
    merged = with_host_namespaces(*value);
    value = &merged;
  }
  ordered_json out = ordered_json::object();
  for (const Field& field : *fields) {
    const json* part = member_of(value, field.go_name.empty() ? std::string_view("metadata") : field.name);
    if (field.go_name.empty()) {
      const ordered_json metadata = wire_struct<ordered_json>("ObjectMeta", part);
      for (auto it = metadata.begin(); it != metadata.end(); ++it) out[it.key()] = it.value();
    } else {
      out[std::string(field.go_name)] = internal_value(field.kind, part);
    }
  }
  return out;
}

/// A list of the wire form does not tell empty from absent.
void forget_empty_lists(json& value) {
  if (value.is_array() && value.empty()) value = nullptr;
  if (!value.is_structured()) return;
  for (json& part : value) forget_empty_lists(part);
}

}  // namespace

json to_typed(std::string_view type, const json& value) { return typed_struct(type, value); }

json to_wire(std::string_view type, const json& value) { return wire_struct<json>(type, &value); }

json to_typed(std::string_view type, json&& value) {
  typed_in_place(type, value);
  return std::move(value);
}

json to_wire(std::string_view type, json&& value) {
  wire_struct_in_place(type, value);
  return std::move(value);
}

bool semantically_equal(std::string_view type, const json* a, const json* b) {
  if (a == b || (a != nullptr && b != nullptr && *a == *b)) return true;
  json left = wire_value<json>(type, a);
  json right = wire_value<json>(type, b);
  forget_empty_lists(left);
  forget_empty_lists(right);
  return left == right;
}

ordered_json to_internal(std::string_view type, const json* value) { return internal_value(type, value); }

std::string internal_text(std::string_view type, const json* value) { return go_json(to_internal(type, value)); }

std::string wire_text(std::string_view type, const json* value) { return go_json(wire_value<ordered_json>(type, value)); }

}  // namespace orrery::validation
