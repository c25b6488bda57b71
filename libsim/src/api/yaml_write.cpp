// JSON trees as kubectl prints them. The layout is libyaml's emitter, of which kubectl's is a port; what is decided here
// is the order of keys and the style of each scalar (go.yaml.in/yaml/v2, encode.go and sorter.go).
#include <algorithm>
#include <charconv>
#include <cmath>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <yaml.h>

#include "api/yaml_scalar.hpp"
#include "orrery/api/yaml.hpp"

namespace orrery {
namespace {

using nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Letters beyond ASCII count as letters as a whole: keys of Kubernetes objects have none.
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) >= 0x80); }

struct DigitRun {
  std::size_t end;
  std::uint64_t value;
};

DigitRun digits_from(std::string_view s, std::size_t start, std::uint64_t value) {
  while (start < s.size() && is_digit(s[start])) value = value * 10 + static_cast<std::uint64_t>(s[start++] - '0');
  return {start, value};
}

// Natural order: runs of digits by value, letters after everything else.
bool key_less(std::string_view a, std::string_view b) {
  const std::size_t shorter = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < shorter && a[i] == b[i]) ++i;
  if (i == shorter) return a.size() < b.size();
  const bool letter_a = is_letter(a[i]);
  const bool letter_b = is_letter(b[i]);
  if (letter_a && letter_b) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
  if (letter_a || letter_b) return letter_b;
  std::uint64_t lead = 0;
  if (a[i] == '0' || b[i] == '0') {
    // A zero inside a number that has begun counts as a digit of it, not as a leading zero.
    for (std::size_t j = i; j > 0 && is_digit(a[j - 1]); --j)
      if (a[j - 1] != '0') lead = 1;
  }
  const DigitRun run_a = digits_from(a, i, lead);
  const DigitRun run_b = digits_from(b, i, lead);
  if (run_a.value != run_b.value) return static_cast<std::int64_t>(run_a.value) < static_cast<std::int64_t>(run_b.value);
  if (run_a.end != run_b.end) return run_a.end < run_b.end;
  return a[i] < b[i];
}

using Member = std::pair<const std::string, json>;

// A merge sort of our own: upstream's order is not transitive ("10" < "1b" < "9" < "10"), which std::sort must not be given.
void sort_keys(std::vector<const Member*>& members) {
  std::vector<const Member*> scratch(members.size());
  for (std::size_t width = 1; width < members.size(); width *= 2) {
    for (std::size_t start = 0; start < members.size(); start += 2 * width) {
      const std::size_t middle = std::min(start + width, members.size());
      const std::size_t end = std::min(start + 2 * width, members.size());
      std::size_t left = start;
      std::size_t right = middle;
      for (std::size_t out = start; out < end; ++out) {
        const bool take_right = left == middle || (right < end && key_less(members[right]->first, members[left]->first));
        scratch[out] = take_right ? members[right++] : members[left++];
      }
    }
    members.swap(scratch);
  }
}

std::string valid_utf8(const std::string& text) {
  std::size_t bad = 0;
  if (is_utf8(text, bad)) return text;
  std::string out;
  std::string_view rest = text;
  while (!is_utf8(rest, bad)) {
    out.append(rest.substr(0, bad)).append("\xEF\xBF\xBD");
    rest.remove_prefix(bad + 1);
  }
  return out.append(rest);
}

// The shortest digits that read back as the same number; an exponent from a million on and below 0.0001.
std::string number_text(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  char buffer[64];
  const auto scientific = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string text(buffer, scientific.ptr);
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(), exponent);
  // A whole number within 64 bits passes through the API as an integer.
  const bool whole = std::trunc(value) == value && value >= -9223372036854775808.0 && value < 18446744073709551616.0;
  if (!whole && (exponent < -4 || exponent >= 6)) return text;
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  return std::string(buffer, fixed.ptr);
}

class Writer {
 public:
  Writer() {
    if (yaml_emitter_initialize(&emitter_) == 0) throw std::bad_alloc();
    yaml_emitter_set_output(&emitter_, append, &out_);
    yaml_emitter_set_unicode(&emitter_, 1);
    yaml_event_t event;
    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING);
    emit(event);
    yaml_document_start_event_initialize(&event, nullptr, nullptr, nullptr, 1);
    emit(event);
  }
  ~Writer() { yaml_emitter_delete(&emitter_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void node(const json& value) {
    yaml_event_t event;
    switch (value.type()) {
      case json::value_t::object: {
        std::vector<const Member*> members;
        members.reserve(value.size());
        for (const Member& member : value.get_ref<const json::object_t&>()) members.push_back(&member);
        sort_keys(members);
        yaml_mapping_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_MAPPING_STYLE);
        emit(event);
        for (const Member* member : members) {
          // DEVIATION: kubectl prints the key << bare, and its own reader then takes it for a merge.
          if (member->first == "<<") scalar(member->first, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
          else string(member->first);
          node(member->second);
        }
        yaml_mapping_end_event_initialize(&event);
        emit(event);
        break;
      }
      case json::value_t::array:
        yaml_sequence_start_event_initialize(&event, nullptr, nullptr, 1, YAML_BLOCK_SEQUENCE_STYLE);
        emit(event);
        for (const json& item : value) node(item);
        yaml_sequence_end_event_initialize(&event);
        emit(event);
        break;
      case json::value_t::string: string(value.get_ref<const std::string&>()); break;
      case json::value_t::boolean: scalar(value.get<bool>() ? "true" : "false", YAML_PLAIN_SCALAR_STYLE); break;
      case json::value_t::number_integer: scalar(std::to_string(value.get<std::int64_t>()), YAML_PLAIN_SCALAR_STYLE); break;
      case json::value_t::number_unsigned: scalar(std::to_string(value.get<std::uint64_t>()), YAML_PLAIN_SCALAR_STYLE); break;
      case json::value_t::number_float: scalar(number_text(value.get<double>()), YAML_PLAIN_SCALAR_STYLE); break;
      default: scalar("null", YAML_PLAIN_SCALAR_STYLE); break;
    }
  }

  std::string finish() {
    yaml_event_t event;
    yaml_document_end_event_initialize(&event, 1);
    emit(event);
    yaml_stream_end_event_initialize(&event);
    emit(event);
    yaml_emitter_flush(&emitter_);
    // libyaml closes a document that ends in a block with trailing line breaks; kubectl's emitter does not.
    constexpr std::string_view kEndMark = "\n...\n";
    if (out_.size() >= kEndMark.size() && std::string_view(out_).substr(out_.size() - kEndMark.size()) == kEndMark)
      out_.resize(out_.size() - kEndMark.size() + 1);
    return std::move(out_);
  }

 private:
  static int append(void* out, unsigned char* text, std::size_t size) {
    static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(text), size);
    return 1;
  }

  void emit(yaml_event_t& event) {
    if (yaml_emitter_emit(&emitter_, &event) == 0 && emitter_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  }

  void string(const std::string& raw) {
    const std::string text = valid_utf8(raw);
    json ignored;
    yaml_scalar_style_t style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (text.find("\xE2\x80\xA8") != std::string::npos || text.find("\xE2\x80\xA9") != std::string::npos) {
      // Line and paragraph separators only survive as escapes.
    } else if (text.find('\n') != std::string::npos) style = YAML_LITERAL_SCALAR_STYLE;
    else if (detail::resolve_plain(text, ignored) == detail::ScalarKind::kString && !detail::is_sexagesimal(text)) style = YAML_PLAIN_SCALAR_STYLE;
    scalar(text, style);
  }

  void scalar(const std::string& text, yaml_scalar_style_t style) {
    yaml_event_t event;
    if (yaml_scalar_event_initialize(&event, nullptr, nullptr, reinterpret_cast<const yaml_char_t*>(text.data()),
                                     static_cast<int>(text.size()), 1, 1, style) == 0)
      throw std::bad_alloc();
    emit(event);
  }

  yaml_emitter_t emitter_{};
  std::string out_;
};

}  // namespace

std::string write_yaml(const nlohmann::json& value) {
  Writer writer;
  writer.node(value);
  return writer.finish();
}

}  // namespace orrery
