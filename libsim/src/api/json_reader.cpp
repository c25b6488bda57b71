// JSON with line numbers, a limit on nesting and an eye for duplicate keys, none of which nlohmann's own DOM parser has.
// Its SAX parser keeps its state in a vector, not on the stack, so hostile nesting costs nothing before the limit.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "api/reading.hpp"

namespace orrery::detail {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxMessageBytes = 300;  // the parser quotes the last token, which may be the whole file

// Reads characters and remembers, outside of the copies the parser makes, how far it came.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

class TreeBuilder {
 public:
  using number_integer_t = json::number_integer_t;
  using number_unsigned_t = json::number_unsigned_t;
  using number_float_t = json::number_float_t;
  using string_t = json::string_t;
  using binary_t = json::binary_t;

  TreeBuilder(std::string_view text, const char* const& at, LineCursor& lines, json& root, PositionIndex* positions,
              ProblemSink& problems)
      : text_(text), at_(at), lines_(lines), root_(root), positions_(positions), problems_(problems) {}

  bool null() { return scalar(nullptr); }
  bool boolean(bool value) { return scalar(value); }
  bool number_integer(number_integer_t value) { return scalar(value); }
  bool number_unsigned(number_unsigned_t value) {
    // One representation for what fits both, so that trees from JSON and YAML are alike.
    if (value <= static_cast<number_unsigned_t>(INT64_MAX)) return scalar(static_cast<number_integer_t>(value));
    return scalar(value);
  }
  bool number_float(number_float_t value, const string_t&) { return scalar(value); }
  bool string(string_t& value) { return scalar(std::move(value)); }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return open(json::object()); }
  bool start_array(std::size_t) { return open(json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(string_t& name) {
    auto& members = *open_.back().node->get_ptr<json::object_t*>();
    const std::size_t before = members.size();
    const auto slot = members.emplace_hint(members.end(), name, nullptr);
    if (members.size() == before) {
      problems_.add(line(), 0, fmt::format("duplicate key \"{}\"", name));
      if (problems_.full()) return false;
    }
    slot_ = &slot->second;
    if (positions_ != nullptr) {
      pointer_.resize(open_.back().pointer_size);
      append_token(pointer_, name);
      positions_->by_pointer.emplace(pointer_, TextPosition{line(), 0});
    }
    return true;
  }

  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception& ex) {
    constexpr int kSyntaxError = 101;  // of the parser's documented error numbers
    broken_syntax_ = ex.id == kSyntaxError;
    std::string message = ex.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 5: what matters"
    if (const std::size_t column = message.find("column "); column != std::string::npos && column < 100) {
      if (const std::size_t colon = message.find(": ", column); colon != std::string::npos) message.erase(0, colon + 2);
    } else if (const std::size_t bracket = message.find("] "); bracket != std::string::npos) {
      message.erase(0, bracket + 2);
    }
    const std::uint32_t at = line();
    const auto column = static_cast<std::uint32_t>(static_cast<std::size_t>(at_ - text_.data()) - lines_.line_start());
    problems_.add(at, std::max<std::uint32_t>(column, 1), "invalid JSON: " + excerpt(message, kMaxMessageBytes));
    return false;
  }
  bool broken_syntax() const { return broken_syntax_; }

 private:
  struct Open {
    json* node;
    std::size_t pointer_size;  // of pointer_ for the node itself
  };

  // The parser has read at most one character past the token; a token never ends a line.
  std::uint32_t line() {
    const auto offset = static_cast<std::size_t>(at_ - text_.data());
    return lines_.line_of_offset(offset == 0 ? 0 : offset - 1) + 1;
  }

  json& place(json&& value) {
    if (open_.empty()) return root_ = std::move(value);
    json& parent = *open_.back().node;
    if (parent.is_object()) return *slot_ = std::move(value);
    parent.push_back(std::move(value));
    if (positions_ != nullptr) {
      pointer_.resize(open_.back().pointer_size);
      append_token(pointer_, std::to_string(parent.size() - 1));
      positions_->by_pointer.emplace(pointer_, TextPosition{line(), 0});
    }
    return parent.back();
  }

  bool scalar(json&& value) {
    place(std::move(value));
    return true;
  }

  bool open(json&& value) {
    if (open_.size() >= kMaxNesting) {
      problems_.add(line(), 0, fmt::format("objects and arrays are nested more than {} deep", kMaxNesting));
      return false;
    }
    json& node = place(std::move(value));
    if (positions_ != nullptr && open_.empty()) positions_->by_pointer.emplace("", TextPosition{line(), 0});
    open_.push_back({&node, pointer_.size()});
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* const& at_;
  LineCursor& lines_;
  json& root_;
  PositionIndex* positions_;
  ProblemSink& problems_;
  std::vector<Open> open_;
  json* slot_ = nullptr;  // the member that the last key() made
  std::string pointer_;
  bool broken_syntax_ = false;
};

}  // namespace

JsonOutcome read_json(std::string_view text, std::size_t& offset, LineCursor& lines, json& out, PositionIndex* positions,
               ProblemSink& problems) {
  const std::size_t before = problems.count();
  const char* at = text.data() + offset;
  TreeBuilder builder(text, at, lines, out, positions, problems);
  const CountingIterator first(at, &at);
  const CountingIterator last(text.data() + text.size(), &at);
  const bool complete = json::sax_parse(first, last, &builder, json::input_format_t::json, /*strict=*/false);
  offset = static_cast<std::size_t>(at - text.data());
  if (complete && problems.count() == before) return JsonOutcome::kRead;
  return builder.broken_syntax() ? JsonOutcome::kNotJson : JsonOutcome::kBad;
}

}  // namespace orrery::detail
