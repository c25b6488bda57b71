#include "overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "orrery/api/yaml.hpp"
#include "orrery/io/scenario.hpp"

namespace orrery::scenario_reading {
namespace {

using Tokens = std::vector<std::string>;

/// "/spec/nodes/0/count". False when it is no pointer.
bool split_pointer(std::string_view path, Tokens& out) {
  for (std::size_t i = 0; i < path.size();) {
    ++i;  // the slash
    std::string token;
    for (; i < path.size() && path[i] != '/'; ++i) {
      if (path[i] != '~') {
        token += path[i];
        continue;
      }
      if (++i == path.size() || (path[i] != '0' && path[i] != '1')) return false;
      token += path[i] == '0' ? '~' : '/';
    }
    out.push_back(std::move(token));
  }
  return true;
}

/// "nodes[0].count" or "nodes.0.count". False when malformed.
bool split_dotted(std::string_view path, Tokens& out) {
  std::string token;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    const char c = i < path.size() ? path[i] : '.';
    if (c == '.' || c == '[') {
      const bool after_index = i > 0 && path[i - 1] == ']';
      if (token.empty() && !after_index) return false;
      if (!token.empty()) out.push_back(std::move(token));
      token.clear();
      if (c != '[') continue;
      const auto close = path.find(']', i);
      if (close == std::string_view::npos || close == i + 1) return false;
      out.emplace_back(path.substr(i + 1, close - i - 1));
      i = close;
    } else {
      if (i > 0 && path[i - 1] == ']') return false;
      token += c;
    }
  }
  // The closing bracket is the last character: nothing is left over.
  return token.empty() && !out.empty();
}

bool split(std::string_view path, Tokens& out) {
  if (path.empty()) return false;
  if (path.front() == '/') return split_pointer(path, out);
  if (!split_dotted(path, out)) return false;
  static const std::vector<std::string_view> kTop = {"apiVersion", "kind", "metadata", "spec"};
  if (std::find(kTop.begin(), kTop.end(), out.front()) == kTop.end()) out.insert(out.begin(), "spec");
  return true;
}

/// JSON where it is JSON, else the text itself. False when it begins like a structure and is none.
bool parse_value(std::string_view text, json& out, std::string& why) {
  if (!text.empty() && (text.front() == '{' || text.front() == '[')) {
    Diagnostics problems;
    auto documents = read_documents(text, "--set", problems);
    if (problems.empty() && documents.size() == 1) {
      out = std::move(documents[0].value);
      return true;
    }
    why = problems.empty() ? "expected one value" : problems[0].message;
    return false;
  }
  std::size_t bad = 0;
  if (!is_utf8(text, bad)) {
    why = fmt::format("the value is not UTF-8 at byte {}", bad);
    return false;
  }
  out = json::parse(text, nullptr, false);
  if (out.is_discarded()) out = std::string(text);
  return true;
}

/// The place the tokens lead to, made where it is missing. Null when a value is in the way.
json* reach(json& document, const Tokens& tokens, std::string& pointer, std::string& why) {
  json* at = &document;
  for (const std::string& token : tokens) {
    if (at->is_null()) *at = json::object();
    if (at->is_object()) {
      at = &(*at)[token];
    } else if (at->is_array()) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
      if (error != std::errc() || end != token.data() + token.size() || index > at->size()) {
        why = fmt::format("\"{}\" is no index of a list of {}", shown(std::string_view(token)), at->size());
        return nullptr;
      }
      if (index == at->size()) at->push_back(nullptr);
      at = &(*at)[index];
    } else {
      why = fmt::format("{} has no fields", type_name(*at));
      return nullptr;
    }
    pointer = child(pointer, token);
  }
  return at;
}

}  // namespace

std::vector<Override> apply_overrides(Problems& problems, const std::vector<std::string>& texts, json& document) {
  std::vector<Override> out;
  for (const std::string& text : texts) {
    const auto fail = [&](std::string pointer, std::string message, std::string hint = {}) {
      Diagnostic d;
      d.source = "--set " + shown(std::string_view(text));
      d.pointer = std::move(pointer);
      d.message = std::move(message);
      d.hint = std::move(hint);
      problems.add(std::move(d));
    };
    const auto equals = text.find('=');
    Tokens tokens;
    if (equals == std::string::npos) {
      fail("", "expected PATH=VALUE", "for example --set controlPlane.apiLatency=5ms");
      continue;
    }
    std::size_t bad = 0;
    if (text.size() > kMaxScenarioBytes || !is_utf8(std::string_view(text).substr(0, equals), bad) ||
        !split(std::string_view(text).substr(0, equals), tokens) || tokens.size() > kMaxNesting) {
      fail("", fmt::format("\"{}\" is not a path", shown(std::string_view(text).substr(0, equals))), "write it like nodes[0].count or /spec/nodes/0/count");
      continue;
    }
    json value;
    std::string why;
    std::string pointer;
    for (const std::string& token : tokens) pointer = child(pointer, token);
    if (!parse_value(std::string_view(text).substr(equals + 1), value, why)) {
      fail(pointer, why);
      continue;
    }
    std::string reached;
    if (json* place = reach(document, tokens, reached, why)) {
      *place = std::move(value);
      out.push_back({text, pointer});
    } else {
      fail(reached, why);
    }
  }
  return out;
}

}  // namespace orrery::scenario_reading
