#include "support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace orrery::validation {

namespace {

const json& empty_array() {
  static const json value = json::array();
  return value;
}

const json& empty_object() {
  static const json value = json::object();
  return value;
}

/// Length of the well-formed UTF-8 sequence at `i`, 0 if there is none. `rune` is its code point.
std::size_t decode(std::string_view s, std::size_t i, std::uint32_t& rune) {
  const auto byte = [&](std::size_t k) { return static_cast<std::uint32_t>(static_cast<unsigned char>(s[k])); };
  const std::uint32_t b = byte(i);
  std::size_t n = 0;
  if (b < 0x80) {
    rune = b;
    return 1;
  }
  if (b >= 0xc2 && b < 0xe0) {
    n = 2;
    rune = b & 0x1fU;
  } else if (b >= 0xe0 && b < 0xf0) {
    n = 3;
    rune = b & 0x0fU;
  } else if (b >= 0xf0 && b < 0xf5) {
    n = 4;
    rune = b & 0x07U;
  } else {
    return 0;
  }
  if (i + n > s.size()) return 0;
  for (std::size_t k = 1; k < n; ++k) {
    if ((byte(i + k) & 0xc0U) != 0x80U) return 0;
    rune = (rune << 6U) | (byte(i + k) & 0x3fU);
  }
  const bool overlong = (n == 3 && rune < 0x800) || (n == 4 && rune < 0x10000);
  const bool surrogate = rune >= 0xd800 && rune < 0xe000;
  return overlong || surrogate || rune > 0x10ffff ? 0 : n;
}

/// Go's unicode.IsPrint beyond ASCII, as far as it matters here: controls, formats, blanks and private areas are not.
bool is_printable(std::uint32_t rune) {
  if (rune < 0xa1 || rune == 0xad || rune == 0xfeff || rune == 0x3000 || rune == 0x1680) return false;
  if (rune >= 0x2000 && rune <= 0x200f) return false;
  if (rune >= 0x2028 && rune <= 0x202f) return false;
  if (rune >= 0x205f && rune <= 0x206f) return false;
  if (rune >= 0xe000 && rune <= 0xf8ff) return false;
  return rune < 0xe0000;
}

template <class Json>
void write_go_json(const Json& value, std::string& out, int indent, int depth) {
  const auto line = [&](int d) {
    if (indent == 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent * d), ' ');
  };
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (auto it = value.begin(); it != value.end(); ++it) {
      if (!first) out += ',';
      first = false;
      line(depth + 1);
      out += json_quoted(it.key());
      out += indent == 0 ? ":" : ": ";
      write_go_json(it.value(), out, indent, depth + 1);
    }
    if (!first) line(depth);
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const auto& element : value) {
      if (!first) out += ',';
      first = false;
      line(depth + 1);
      write_go_json(element, out, indent, depth + 1);
    }
    if (!first) line(depth);
    out += ']';
  } else if (value.is_string()) {
    out += json_quoted(value.template get_ref<const std::string&>());
  } else {
    out += value.dump();
  }
}

}  // namespace

std::string Path::text() const {
  std::string out;
  append(out);
  return out;
}

void Path::append(std::string& out) const {
  if (parent_ != nullptr) parent_->append(out);
  switch (kind_) {
    case Kind::name:
      if (parent_ != nullptr) out += '.';
      out += name_;
      break;
    case Kind::index: out += fmt::format("[{}]", index_); break;
    case Kind::key: out += fmt::format("[{}]", name_); break;
  }
  if (!child_.empty()) {
    out += '.';
    out += child_;
  }
}

void Errors::add(FieldError::Type type, const Path& path, std::string value, std::string detail) {
  list_.push_back({type, path.text(), std::move(value), std::move(detail)});
}

void Errors::required(const Path& path, std::string_view detail) {
  add(FieldError::Type::required, path, {}, std::string(detail));
}

void Errors::forbidden(const Path& path, std::string_view detail) {
  add(FieldError::Type::forbidden, path, {}, std::string(detail));
}

void Errors::invalid(const Path& path, std::string value, std::string_view detail) {
  add(FieldError::Type::invalid, path, std::move(value), std::string(detail));
}

void Errors::invalid_each(const Path& path, std::string_view value, const Messages& messages) {
  for (const std::string& message : messages) invalid(path, go_quoted(value), message);
}

void Errors::not_found(const Path& path, std::string_view value) {
  add(FieldError::Type::not_found, path, go_quoted(value), {});
}

void Errors::duplicate(const Path& path, std::string value) {
  add(FieldError::Type::duplicate, path, std::move(value), {});
}

void Errors::not_supported(const Path& path, std::string value, const std::vector<std::string_view>& supported) {
  std::string detail;
  for (const std::string_view name : supported) {
    detail += detail.empty() ? "supported values: " : ", ";
    detail += go_quoted(name);
  }
  add(FieldError::Type::not_supported, path, std::move(value), std::move(detail));
}

void Errors::too_long(const Path& path, std::size_t max_bytes) {
  add(FieldError::Type::too_long, path, {}, fmt::format("may not be more than {} {}", max_bytes, max_bytes == 1 ? "byte" : "bytes"));
}

void Errors::too_many(const Path& path, std::size_t actual, std::size_t max) {
  add(FieldError::Type::too_many, path, fmt::format("{}", actual),
      fmt::format("must have at most {} {}", max, max == 1 ? "item" : "items"));
}

void Errors::nonnegative(const Path& path, std::int64_t value) {
  if (value < 0) invalid(path, fmt::format("{}", value), "must be greater than or equal to 0");
}

void Errors::append(Errors&& other) {
  for (FieldError& error : other.list_) list_.push_back(std::move(error));
  other.list_.clear();
}

std::vector<FieldError> Errors::take_unique() {
  std::vector<FieldError> unique;
  for (FieldError& error : list_) {
    if (std::find(unique.begin(), unique.end(), error) == unique.end()) unique.push_back(std::move(error));
  }
  list_.clear();
  return unique;
}

std::string go_quoted(std::string_view s) {
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size();) {
    std::uint32_t rune = 0;
    const std::size_t n = decode(s, i, rune);
    if (n == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(s[i]));
      ++i;
      continue;
    }
    switch (rune) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      default:
        if (rune < 0x20 || rune == 0x7f) {
          out += fmt::format("\\x{:02x}", rune);
        } else if (rune < 0x80 || is_printable(rune)) {
          out += s.substr(i, n);
        } else {
          out += rune < 0x10000 ? fmt::format("\\u{:04x}", rune) : fmt::format("\\U{:08x}", rune);
        }
    }
    i += n;
  }
  return out + '"';
}

std::string json_quoted(std::string_view s) {
  std::string out = "\"";
  for (std::size_t i = 0; i < s.size();) {
    std::uint32_t rune = 0;
    const std::size_t n = decode(s, i, rune);
    if (n == 0) {
      out += "\\ufffd";
      ++i;
      continue;
    }
    switch (rune) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (rune < 0x20 || rune == '<' || rune == '>' || rune == '&' || rune == 0x2028 || rune == 0x2029) {
          out += fmt::format("\\u{:04x}", rune);
        } else {
          out += s.substr(i, n);
        }
    }
    i += n;
  }
  return out + '"';
}

std::string go_json(const ordered_json& value) {
  std::string out;
  write_go_json(value, out, 0, 0);
  return out;
}

std::string go_json(const json& value) {
  std::string out;
  write_go_json(value, out, 0, 0);
  return out;
}

std::string go_json_indented(const ordered_json& value) {
  std::string out;
  write_go_json(value, out, 1, 0);
  return out;
}

std::string join(const Messages& messages, std::string_view separator) {
  return fmt::format("{}", fmt::join(messages, separator));
}

const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

const json* member(const json& object, const std::string& key) { return member(object, key.c_str()); }

std::string_view text(const json& value) {
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>()) : std::string_view();
}

std::string_view text(const json& object, const char* key) {
  const json* value = member(object, key);
  return value == nullptr ? std::string_view() : text(*value);
}

std::int64_t number(const json& value) { return value.is_number() ? value.get<std::int64_t>() : 0; }

std::int64_t number(const json& object, const char* key) {
  const json* value = member(object, key);
  return value == nullptr ? 0 : number(*value);
}

bool flag(const json& object, const char* key) {
  const json* value = member(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}


const json& list(const json& object, const char* key) {
  const json* value = member(object, key);
  return value != nullptr && value->is_array() ? *value : empty_array();
}

const json& object(const json& parent, const char* key) {
  const json* value = member(parent, key);
  return value != nullptr && value->is_object() ? *value : empty_object();
}

}  // namespace orrery::validation

namespace orrery {

std::string to_string(const FieldError& error) {
  std::string_view name;
  bool shows_value = true;
  switch (error.type) {
    case FieldError::Type::required: name = "Required value"; shows_value = false; break;
    case FieldError::Type::invalid: name = "Invalid value"; break;
    case FieldError::Type::not_supported: name = "Unsupported value"; break;
    case FieldError::Type::duplicate: name = "Duplicate value"; break;
    case FieldError::Type::forbidden: name = "Forbidden"; shows_value = false; break;
    case FieldError::Type::too_many: name = "Too many"; break;
    case FieldError::Type::too_few: name = "Too few"; break;
    case FieldError::Type::too_long: name = "Too long"; shows_value = false; break;
    case FieldError::Type::too_short: name = "Too short"; shows_value = false; break;
    case FieldError::Type::not_found: name = "Not found"; break;
    case FieldError::Type::internal: name = "Internal error"; shows_value = false; break;
  }
  std::string out = error.path;
  out += ": ";
  out += name;
  if (shows_value && !error.value.empty()) {
    out += ": ";
    out += error.value;
  }
  if (!error.detail.empty()) {
    out += ": ";
    out += error.detail;
  }
  return out;
}

std::string invalid_message(std::string_view kind, std::string_view name, const std::vector<FieldError>& errors) {
  std::string out = fmt::format("{} {} is invalid", kind, validation::go_quoted(name));
  std::vector<std::string> unique;
  std::set<std::string> seen;
  for (const FieldError& error : errors) {
    std::string message = to_string(error);
    if (seen.insert(message).second) unique.push_back(std::move(message));
  }
  if (unique.empty()) return out;
  const std::string all = fmt::format("{}", fmt::join(unique, ", "));
  return unique.size() == 1 ? out + ": " + all : out + ": [" + all + "]";
}

}  // namespace orrery
