#pragma once
// What is wrong with an input, and where: all problems are collected and reported together.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orrery {

/// One problem of an input. `pointer` is an RFC 6901 JSON pointer into the document ("" = the whole document);
/// `line` and `column` count from 1, 0 = unknown.
struct Diagnostic {
  std::string source;   ///< file name, or a word such as "--set"
  std::string pointer;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
  std::string hint;  ///< what to do about it, may be empty ("did you mean …?")
};

/// `source:line:column: pointer: message (hint)`, leaving out what is unknown.
std::string to_string(const Diagnostic& d);

using Diagnostics = std::vector<Diagnostic>;

/// Either a value or the problems that prevented it. Never both, never neither.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Diagnostics problems) : problems_(std::move(problems)) {}
  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  const Diagnostics& problems() const { return problems_; }

 private:
  std::optional<T> value_;
  Diagnostics problems_;
};

}  // namespace orrery
