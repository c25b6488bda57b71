#include "go_print.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace orrery::daemon {

using Json = nlohmann::json;

namespace {

const Json kNull;
const Json& member(const Json& o, std::string_view key) {
  if (!o.is_object()) return kNull;
  auto it = o.find(key);
  return it == o.end() ? kNull : *it;
}
std::string text_of(const Json& v) { return v.is_string() ? v.get<std::string>() : std::string{}; }
std::int64_t number_of(const Json& v) { return v.is_number_integer() ? v.get<std::int64_t>() : 0; }

/// resource.Quantity keeps a number and a scale, the kind of its suffix, and its text where that is canonical. Amounts
/// beyond 15 digits, which upstream keeps in another form, are printed by their text alone.
/// upstream: staging/src/k8s.io/apimachinery/pkg/api/resource/quantity.go ParseQuantity
void print_quantity(std::string& out, std::string_view text) {
  std::size_t pos = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view digits = text.substr(pos, text.find_first_not_of("0123456789", pos) - pos);
  pos = std::min(text.size(), pos + digits.size());
  const std::string_view suffix = text.substr(pos);
  std::int64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  int scale = 0;
  std::string_view format = "DecimalSI";
  bool known = parsed.ec == std::errc{} && !digits.empty() && digits.size() <= 15, keeps_text = false;
  constexpr std::string_view kDecimal = "num kMGTPE", kBinary = "KMGTPE";
  if (suffix.size() == 2 && suffix[1] == 'i' && kBinary.find(suffix[0]) != std::string_view::npos) {
    const auto power = static_cast<int>(kBinary.find(suffix[0]) + 1) * 10;
    format = "BinarySI";
    known = known && 14 - static_cast<int>(digits.size()) - power * 3 / 10 >= 0;
    keeps_text = (value & 7) != 0;
    if (known) value <<= power;
  } else if (suffix.empty() || (suffix.size() == 1 && suffix[0] != ' ' && kDecimal.find(suffix[0]) != std::string_view::npos)) {
    const std::size_t place = suffix.empty() ? 3 : kDecimal.find(suffix[0]);
    scale = suffix == "n" ? -9 : suffix == "u" ? -6 : suffix == "m" ? -3 : (static_cast<int>(place) - 3) * 3;
    keeps_text = text != "0" && !digits.ends_with("000") && !digits.starts_with('0');
  } else if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    format = "DecimalExponent";
    std::string_view exponent = suffix.substr(1);
    if (exponent[0] == '+') exponent.remove_prefix(1);
    const auto e = std::from_chars(exponent.data(), exponent.data() + exponent.size(), scale);
    known = known && e.ec == std::errc{} && scale >= -9;
    keeps_text = scale % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0');
  } else {
    known = false;
  }
  if (text == "0" || !known) keeps_text = true;
  if (!known) value = scale = 0;
  fmt::format_to(std::back_inserter(out),
                 "{{i:(resource.int64Amount){{value:(int64){} scale:(resource.Scale){}}} d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} "
                 "s:(string){} Format:(resource.Format){}}}",
                 negative ? -value : value, scale, keeps_text ? text : std::string_view{}, format);
}

const GoStruct* find_struct(std::string_view type) {
  const GoStruct* end = kGoStructs + kGoStructCount;
  const GoStruct* it = std::lower_bound(kGoStructs, end, type, [](const GoStruct& s, std::string_view t) { return s.type < t; });
  return it != end && it->type == type ? it : nullptr;
}

void print(std::string& out, std::string_view type, const Json& v, bool with_type);

void print_struct(std::string& out, std::string_view fields, const Json& v) {
  out += '{';
  while (!fields.empty()) {
    const std::size_t space = std::min(fields.size(), fields.find(' '));
    const std::string_view field = fields.substr(0, space);
    fields.remove_prefix(std::min(fields.size(), space + 1));
    const std::size_t colon = field.find(':'), equals = std::min(colon, field.find('='));
    const std::string_view name = field.substr(0, equals);
    std::string key(equals < colon ? field.substr(equals + 1, colon - equals - 1) : name);
    if (equals == colon) key[0] = static_cast<char>(key[0] - 'A' + 'a');
    out += name;
    out += ':';
    print(out, field.substr(colon + 1), key == "-" ? v : member(v, key), true);
    if (!fields.empty()) out += ' ';
  }
  out += '}';
}

/// The JSON has been checked against the schema, whose depth bounds the recursion.
void print(std::string& out, std::string_view type, const Json& v, bool with_type) {
  if (with_type) {
    out += '(';
    out += type;
    out += ')';
  }
  if (type.starts_with('*')) {
    if (v.is_null())
      out += "<nil>";
    else
      print(out, type.substr(1), v, false);
    return;
  }
  if (type.starts_with("[]")) {
    if (!v.is_array() || v.empty()) {
      out += "<nil>";
      return;
    }
    char before = '[';
    for (const Json& x : v) {
      out += before;
      before = ' ';
      print(out, type.substr(2), x, false);
    }
    out += ']';
    return;
  }
  constexpr std::string_view kMap = "map[string]", kResources = "v1.ResourceList";
  if (type.starts_with(kMap) || type == kResources) {
    if (!v.is_object() || v.empty()) {
      out += "<nil>";
      return;
    }
    out += "map";
    char before = '[';
    for (const auto& [key, x] : v.items()) {
      out += before;
      before = ' ';
      out += key;
      out += ':';
      print(out, type == kResources ? std::string_view("resource.Quantity") : type.substr(kMap.size()), x, false);
    }
    out += ']';
    return;
  }
  if (type == "bool") {
    out += v.is_boolean() && v.get<bool>() ? "true" : "false";
  } else if (type == "int32" || type == "int64") {
    out += fmt::format("{}", number_of(v));
  } else if (type == "v1.Time") {
    out += "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}";  // never set in a template
  } else if (type == "intstr.IntOrString") {
    out += fmt::format("{{Type:(intstr.Type){} IntVal:(int32){} StrVal:(string){}}}", v.is_string() ? 1 : 0, number_of(v), text_of(v));
  } else if (type == "resource.Quantity") {
    print_quantity(out, v.is_string() ? text_of(v) : v.dump());
  } else if (const GoStruct* s = find_struct(type)) {
    print_struct(out, s->fields, v);
  } else {
    out += text_of(v);
  }
}

}  // namespace

void go_print(std::string& out, std::string_view type, const Json& value) { print(out, type, value, true); }

}  // namespace orrery::daemon
