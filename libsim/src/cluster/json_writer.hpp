#pragma once
// JSON text field by field, for objects whose text is written often.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "orrery/cluster/objects.hpp"

namespace orrery {

/// Appends `s` in quotes. Bytes of 0x80 and above pass as they are.
inline void append_json_string(std::string& out, std::string_view s) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : s) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u >= 0x20) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += "\\u00";
      out += kHex[u >> 4];
      out += kHex[u & 15];
    }
  }
  out += '"';
}

/// Builds one JSON object or array in place: takes care of commas, and of what is not wanted.
class JsonWriter {
 public:
  /// With a `branch`, members of the object and of its member branch[0] are left out where they bear other names than
  /// branch[0] and branch[1].
  JsonWriter(std::string& out, const Interner& names, std::span<const std::string> branch = {})
      : out_(out), names_(names), branch_(branch.first(std::min<std::size_t>(branch.size(), 2))) {}
  /// To be asked before work is put into a member; those of one value ask themselves.
  bool wants(std::string_view k) const { return depth_ > branch_.size() || depth_ == 0 || branch_[depth_ - 1] == k; }
  void open(char c = '{') {
    out_ += c;
    first_ = true;
    ++depth_;
  }
  void close(char c = '}') {
    out_ += c;
    first_ = false;
    --depth_;
  }
  /// `text` is an object, or what one begins with: what follows is written inside it, until close().
  void open_from(std::string_view k, std::string_view text) {
    key(k);
    out_ += text;
    first_ = text.size() <= 1;
    ++depth_;
  }
  void key(std::string_view k) {
    comma();
    out_ += '"';
    out_ += k;
    out_ += "\":";
    first_ = true;
  }
  void comma() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void text(std::string_view k, std::string_view v) {
    if (!wants(k)) return;
    key(k);
    append_json_string(out_, v);
    first_ = false;
  }
  void text_if(std::string_view k, std::string_view v) {
    if (!v.empty()) text(k, v);
  }
  void symbol(std::string_view k, Symbol s) { text(k, names_.text(s)); }
  void symbol_if(std::string_view k, Symbol s) {
    if (s != 0) symbol(k, s);
  }
  void number(std::string_view k, std::int64_t v) {
    if (!wants(k)) return;
    key(k);
    char buffer[24];
    auto r = std::to_chars(buffer, buffer + sizeof buffer, v);
    out_.append(buffer, r.ptr);
    first_ = false;
  }
  void flag(std::string_view k, bool v) {
    if (!wants(k)) return;
    key(k);
    out_ += v ? "true" : "false";
    first_ = false;
  }
  void time(std::string_view k, Stamp s) {
    if (!wants(k)) return;
    key(k);
    if (s)
      append_json_string(out_, format_rfc3339(s.s));
    else
      out_ += "null";
    first_ = false;
  }
  void time_if(std::string_view k, Stamp s) {
    if (s) time(k, s);
  }
  void raw(std::string_view k, std::string_view v) {
    if (!wants(k)) return;
    key(k);
    out_ += v;
    first_ = false;
  }
  void item(std::string_view v) {
    comma();
    append_json_string(out_, v);
  }
  std::string& out() { return out_; }
  std::string_view name(Symbol s) const { return names_.text(s); }

 private:
  std::string& out_;
  const Interner& names_;
  std::span<const std::string> branch_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace orrery
