#pragma once
// Shared by the validation files: field paths, the error list, reading a tree, printing values as Go does.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/api/validation.hpp"

namespace orrery::validation {

using json = nlohmann::json;
using ordered_json = nlohmann::ordered_json;
using Messages = std::vector<std::string>;

/// A field path as a chain of frames on the stack: nothing is allocated unless an error is found. A path refers to
/// its parent, which therefore has to be a named variable (temporaries are refused by the && overloads).
class Path {
 public:
  explicit Path(std::string_view name) : name_(name) {}
  Path child(std::string_view name) const& { return Path(this, Kind::name, name, 0, {}); }  ///< may hold dots
  Path index(std::size_t i, std::string_view child = {}) const& { return Path(this, Kind::index, {}, i, child); }
  Path key(std::string_view key, std::string_view child = {}) const& { return Path(this, Kind::key, key, 0, child); }
  Path child(std::string_view name) const&& = delete;
  Path index(std::size_t i, std::string_view child = {}) const&& = delete;
  Path key(std::string_view key, std::string_view child = {}) const&& = delete;
  std::string text() const;

 private:
  enum class Kind : std::uint8_t { name, index, key };
  Path(const Path* parent, Kind kind, std::string_view name, std::size_t index, std::string_view child)
      : parent_(parent), kind_(kind), name_(name), index_(index), child_(child) {}
  void append(std::string& out) const;

  const Path* parent_ = nullptr;
  Kind kind_ = Kind::name;
  std::string_view name_;
  std::size_t index_ = 0;
  std::string_view child_;
};

/// The errors found so far, in order.
class Errors {
 public:
  void add(FieldError::Type type, const Path& path, std::string value, std::string detail);
  void required(const Path& path, std::string_view detail = {});
  void forbidden(const Path& path, std::string_view detail);
  void invalid(const Path& path, std::string value, std::string_view detail);
  void invalid_each(const Path& path, std::string_view value, const Messages& messages);  ///< one per message
  void not_found(const Path& path, std::string_view value);
  void duplicate(const Path& path, std::string value);
  void not_supported(const Path& path, std::string value, const std::vector<std::string_view>& supported);
  void too_long(const Path& path, std::size_t max_bytes);
  void too_many(const Path& path, std::size_t actual, std::size_t max);
  void nonnegative(const Path& path, std::int64_t value);

  std::size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  void append(Errors&& other);
  std::vector<FieldError> take_unique();

 private:
  std::vector<FieldError> list_;
};

// Printing of bad values.
std::string go_quoted(std::string_view text);       ///< Go's %q
std::string json_quoted(std::string_view text);  ///< a string inside Go's JSON: <, > and & escaped
std::string go_json(const ordered_json& value);
std::string go_json(const json& value);
std::string go_json_indented(const ordered_json& value);  ///< one blank per level
std::string join(const Messages& messages, std::string_view separator);

// Reading. A JSON null counts as absent, a value of the wrong type as the zero value.
const json* member(const json& object, const char* key);  ///< null if absent
const json* member(const json& object, const std::string& key);
std::string_view text(const json& value);
std::string_view text(const json& object, const char* key);
std::int64_t number(const json& value);
std::int64_t number(const json& object, const char* key);
bool flag(const json& object, const char* key);
const json& list(const json& object, const char* key);    ///< an empty array if absent
const json& object(const json& parent, const char* key);  ///< an empty object if absent

}  // namespace orrery::validation
