#include "orrery/kubectl/sort_by.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/quantity.hpp"

namespace orrery {

using Json = nlohmann::json;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The step between brackets: 'name', "name", * or an index.
bool add_bracket(FieldPath& path, std::string_view inside) {
  if (inside == "*") {
    path.steps.emplace_back(FieldPath::Any{});
    return true;
  }
  if (inside.size() >= 2 && (inside.front() == '\'' || inside.front() == '"') && inside.back() == inside.front()) {
    path.steps.emplace_back(std::string(inside.substr(1, inside.size() - 2)));
    return true;
  }
  std::int64_t index = 0;
  const auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
  if (error != std::errc() || end != inside.data() + inside.size() || inside.empty()) return false;
  path.steps.emplace_back(index);
  return true;
}

const Json* walk(const Json& value, const FieldPath& path, std::size_t step) {
  if (step == path.steps.size()) return value.is_null() ? nullptr : &value;
  const auto& s = path.steps[step];
  if (const auto* name = std::get_if<std::string>(&s)) {
    if (!value.is_object()) return nullptr;
    const auto it = value.find(*name);
    return it == value.end() ? nullptr : walk(*it, path, step + 1);
  }
  if (const auto* index = std::get_if<std::int64_t>(&s)) {
    if (!value.is_array()) return nullptr;
    const std::int64_t size = static_cast<std::int64_t>(value.size()), at = *index < 0 ? size + *index : *index;
    return at < 0 || at >= size ? nullptr : walk(value[static_cast<std::size_t>(at)], path, step + 1);
  }
  if (!value.is_structured()) return nullptr;
  for (const Json& child : value)
    if (const Json* found = walk(child, path, step + 1)) return found;
  return nullptr;
}

}  // namespace

std::optional<FieldPath> parse_field_path(std::string_view text, std::string* problem) {
  const auto fail = [&](std::string why) -> std::optional<FieldPath> {
    if (problem != nullptr) *problem = std::move(why);
    return std::nullopt;
  };
  if (!text.empty() && text.front() == '{') {
    if (text.back() != '}' || text.size() < 2) return fail("the brace { is never closed");
    text = text.substr(1, text.size() - 2);
  }
  if (text.starts_with('/')) return fail("a JSON pointer is no JSONPath: write .a.b for /a/b");
  FieldPath out;
  out.text = fmt::format("{{{}{}}}", text.starts_with('.') || text.starts_with('[') ? "" : ".", text);
  if (text.starts_with('.')) text.remove_prefix(1);
  std::string name;
  bool open = true;  // a name is expected: at the beginning and behind a dot
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '{' || c == '}' || c == '"' || c == '\'' || c == ' ' || c == '$' || c == '@' || c == '~') return fail(fmt::format("\"{}\" cannot stand here", c));
    if (c == '.' || c == '[') {
      if (open && name.empty() && !(c == '[' && i == 0)) return fail("a name is missing before a dot or bracket");
      if (name == "*")
        out.steps.emplace_back(FieldPath::Any{});
      else if (!name.empty())
        out.steps.emplace_back(name);
      name.clear();
      open = c == '.';
      if (c == '.') continue;
      const std::size_t end = text.find(']', i);
      if (end == std::string_view::npos) return fail("the bracket [ is never closed");
      if (!add_bracket(out, text.substr(i + 1, end - i - 1))) return fail(fmt::format("\"{}\" is no index and no quoted name", text.substr(i + 1, end - i - 1)));
      i = end;
      if (i + 1 < text.size() && text[i + 1] != '.' && text[i + 1] != '[') return fail("a dot is missing behind a bracket");
      continue;
    }
    if (c == '\\') {
      if (++i == text.size()) return fail("the path ends in a backslash");
      name += text[i];
    } else {
      name += c;
    }
  }
  if (open && name.empty()) return fail("the path ends without a name");
  if (name == "*")
    out.steps.emplace_back(FieldPath::Any{});
  else if (!name.empty())
    out.steps.emplace_back(name);
  return out;
}

const Json* find_field(const Json& object, const FieldPath& path) { return walk(object, path, 0); }

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) != is_digit(b[j])) return is_digit(a[i]);
    if (!is_digit(a[i])) {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i;
      ++j;
      continue;
    }
    const auto number = [](std::string_view text, std::size_t& at, std::size_t& zeros) {
      const std::size_t begin = at;
      while (at < text.size() && text[at] == '0') ++at;
      zeros = at - begin;
      const std::size_t first = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(first, at - first);
    };
    std::size_t zeros_a = 0, zeros_b = 0;
    const std::string_view n = number(a, i, zeros_a), m = number(b, j, zeros_b);
    if (n.size() != m.size()) return n.size() < m.size();
    if (n != m) return n < m;
    if (zeros_a != zeros_b) return zeros_a < zeros_b;
  }
  return i == a.size() && j < b.size();
}

bool sort_by_field(std::vector<Json>& objects, const FieldPath& path, std::string* problem) {
  const auto fail = [&](std::string why) {
    if (problem != nullptr) *problem = std::move(why);
    return false;
  };
  struct Item {
    const Json* value = nullptr;
    std::optional<Quantity> quantity;
    std::size_t from = 0;
  };
  std::vector<Item> items;
  bool numbers = true, texts = true, truths = true, quantities = true, any = false;
  for (const Json& o : objects) {
    Item item{find_field(o, path), std::nullopt, items.size()};
    if (item.value != nullptr) {
      const Json& v = *item.value;
      any = true;
      numbers = numbers && v.is_number();
      texts = texts && v.is_string();
      truths = truths && v.is_boolean();
      if (v.is_string()) item.quantity = parse_quantity(v);
      quantities = quantities && item.quantity.has_value();
    }
    items.push_back(std::move(item));
  }
  if (objects.empty()) return true;
  if (!any) return fail(fmt::format("couldn't find any field with path \"{}\" in the list of objects", path.text));
  if (!numbers && !texts && !truths) return fail(fmt::format("unsortable values at \"{}\"", path.text));
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    if (a.value == nullptr || b.value == nullptr) return a.value == nullptr && b.value != nullptr;
    // DEVIATION: kubectl decides between quantities and text pair by pair, which is no order where both occur.
    if (quantities) return *a.quantity < *b.quantity;
    if (texts) return natural_less(a.value->get_ref<const std::string&>(), b.value->get_ref<const std::string&>());
    return *a.value < *b.value;
  });
  std::vector<Json> sorted;
  sorted.reserve(objects.size());
  for (const Item& i : items) sorted.push_back(std::move(objects[i.from]));
  objects = std::move(sorted);
  return true;
}

}  // namespace orrery
