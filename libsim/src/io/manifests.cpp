#include "manifests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "files.hpp"
#include "kinds.hpp"
#include "orrery/api/schema.hpp"

namespace orrery::scenario_reading {
namespace {

bool ends_with(std::string_view text, std::string_view end) { return text.size() >= end.size() && text.substr(text.size() - end.size()) == end; }

const std::string* string_at(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? &it->get_ref<const std::string&>() : nullptr;
}

/// The strict decoding of the API server, and what every object needs to be created.
void check_manifest(Problems& problems, const json& object, const std::string& pointer) {
  Diagnostics shape;
  check_object(object, pointer, shape);
  for (Diagnostic& d : shape) problems.add(std::move(d));
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || metadata->is_null()) {
    problems.add(pointer, "the field \"metadata\" is required", "with at least a name");
    return;
  }
  if (!metadata->is_object()) {
    // Of kinds with a table the type has been reported already.
    if (shape.empty()) problems.add(child(pointer, "metadata"), fmt::format("expected an object, got {}", type_name(*metadata)));
    return;
  }
  const std::string inner = child(pointer, "metadata");
  const auto name = metadata->find("name");
  const std::string* generated = string_at(*metadata, "generateName");
  if (name == metadata->end() || name->is_null()) {
    if (!generated || generated->empty()) problems.add(inner, "the field \"name\" is required");
  } else if (*name == "") {
    if (!generated || generated->empty()) problems.add(child(inner, "name"), "must not be empty");
  } else if (!name->is_string() && shape.empty()) {
    problems.add(child(inner, "name"), fmt::format("expected a string, got {}", type_name(*name)));
  }
}

/// Group, kind, namespace and name; empty where there is no name yet.
std::string identity(const json& object) {
  const std::string* kind = string_at(object, "kind");
  const std::string* version = string_at(object, "apiVersion");
  const auto metadata = object.find("metadata");
  if (!kind || !version || metadata == object.end()) return {};
  const std::string* name = string_at(*metadata, "name");
  if (!name || name->empty()) return {};
  const std::string* ns = string_at(*metadata, "namespace");
  const KindInfo* info = find_kind(*kind);
  const auto slash = version->find('/');
  const std::string_view group = slash == std::string::npos ? std::string_view() : std::string_view(*version).substr(0, slash);
  const std::string_view where = info && !info->namespaced ? std::string_view() : ns && !ns->empty() ? std::string_view(*ns) : "default";
  return fmt::format("{}|{}|{}|{}", group, *kind, where, *name);
}

std::string readable(const std::string& identity) {
  std::string out = identity.substr(identity.find('|') + 1);
  std::replace(out.begin(), out.end(), '|', '/');
  return shown(std::string_view(out));
}

std::string group_of(std::string_view version) {
  const auto slash = version.find('/');
  return std::string(slash == std::string_view::npos ? std::string_view() : version.substr(0, slash));
}

/// The objects of the list that each object names as its owners.
std::vector<std::vector<std::size_t>> owner_graph(const std::vector<ManifestObject>& objects,
                                                  const std::unordered_map<std::string, std::size_t>& index) {
  std::vector<std::vector<std::size_t>> owners(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto metadata = objects[i].object.find("metadata");
    if (metadata == objects[i].object.end() || !metadata->is_object()) continue;
    const auto references = metadata->find("ownerReferences");
    if (references == metadata->end() || !references->is_array()) continue;
    const std::string* own = string_at(*metadata, "namespace");
    for (const json& r : *references) {
      const std::string* kind = string_at(r, "kind");
      const std::string* name = string_at(r, "name");
      const std::string* version = string_at(r, "apiVersion");
      if (!kind || !name || !version) continue;
      const KindInfo* info = find_kind(*kind);
      const std::string where = info && !info->namespaced ? "" : own && !own->empty() ? *own : "default";
      const auto it = index.find(fmt::format("{}|{}|{}|{}", group_of(*version), *kind, where, *name));
      if (it != index.end()) owners[i].push_back(it->second);
    }
  }
  return owners;
}

/// Every cycle that a depth-first walk closes, without recursion: chains may be as long as the list.
void report_cycles(ManifestLoader& loader, const std::vector<ManifestObject>& objects, const std::vector<std::vector<std::size_t>>& owners) {
  enum class State : std::uint8_t { fresh, on_path, done };
  std::vector<State> state;
  state.resize(objects.size(), State::fresh);
  struct Step {
    std::size_t object, next;
  };
  for (std::size_t root = 0; root < objects.size(); ++root) {
    if (state[root] != State::fresh) continue;
    std::vector<Step> path{{root, 0}};
    state[root] = State::on_path;
    while (!path.empty()) {
      Step& top = path.back();
      if (top.next == owners[top.object].size()) {
        state[top.object] = State::done;
        path.pop_back();
        continue;
      }
      const std::size_t owner = owners[top.object][top.next++];
      if (state[owner] == State::fresh) {
        state[owner] = State::on_path;
        path.push_back({owner, 0});
      } else if (state[owner] == State::on_path) {
        const auto first = std::find_if(path.begin(), path.end(), [&](const Step& s) { return s.object == owner; });
        std::string cycle;
        std::size_t told = 0;
        for (auto it = first; it != path.end() && told < 10; ++it, ++told) cycle += readable(identity(objects[it->object].object)) + " → ";
        if (path.end() - first > 10) cycle += fmt::format("… {} more → ", (path.end() - first) - 10);
        SourceRef at = objects[owner].from;
        at.pointer += "/metadata/ownerReferences";
        loader.report(at, fmt::format("owner references form a cycle: {}{}", cycle, readable(identity(objects[owner].object))),
                      "an object cannot own itself");
      }
    }
  }
}

}  // namespace

bool ManifestLoader::within_limit(const std::string& pointer, std::size_t more, std::size_t bytes) {
  objects_ += more;
  bytes_ += bytes;
  if (objects_ > kMaxObjects)
    problems_.add(pointer, fmt::format("more objects than the limit of {}", kMaxObjects));
  else if (bytes_ > kMaxManifestBytes)
    problems_.add(pointer, fmt::format("the manifests are larger than the limit of {} MiB together", kMaxManifestBytes >> 20));
  else
    return true;
  objects_ -= more;
  bytes_ -= bytes;
  return false;
}

void ManifestLoader::flatten(Problems& problems, json value, const SourceRef& from, std::vector<ManifestObject>& out) {
  if (!value.is_object()) {
    problems.add(from.pointer, fmt::format("expected a Kubernetes object, got {}", type_name(value)));
    return;
  }
  const std::string* kind = string_at(value, "kind");
  const auto items = value.find("items");
  if (!kind || !ends_with(*kind, "List") || items == value.end()) {
    check_manifest(problems, value, from.pointer);
    out.push_back({std::move(value), from});
    return;
  }
  const std::string inner = child(from.pointer, "items");
  if (items->is_null()) return;
  if (!items->is_array()) {
    problems.add(inner, fmt::format("expected a list, got {}", type_name(*items)));
    return;
  }
  // `kubectl get -o json` writes a List of complete objects; the API itself a JobList whose items leave out what they are.
  const std::string item_kind = kind->substr(0, kind->size() - 4);
  const std::string* version = string_at(value, "apiVersion");
  for (std::size_t i = 0; i < items->size() && !problems.full(); ++i) {
    json& item = (*items)[i];
    if (item.is_object() && !item_kind.empty()) {
      if (!item.contains("kind")) item["kind"] = item_kind;
      if (!item.contains("apiVersion") && version) item["apiVersion"] = *version;
    }
    SourceRef at = from;
    at.pointer = child(inner, i);
    flatten(problems, std::move(item), at, out);
  }
}

ManifestLoader::File& ManifestLoader::file(const std::string& where) {
  const auto [it, fresh] = files_.try_emplace(where);
  File& f = it->second;
  if (!fresh && !f.taken) return f;
  f = {};
  std::string text;
  if (std::string error = read_file(where, FileKind::regular, text); !error.empty()) {
    f.error = fmt::format("cannot read \"{}\": {}", shown(std::string_view(where)), error);
    return f;
  }
  f.bytes = text.size();
  Diagnostics reading;
  f.documents = read_documents(text, where, reading);
  Problems found;
  for (Diagnostic& d : reading) found.add(std::move(d));
  for (std::size_t i = 0; i < f.documents.size(); ++i) {
    const std::size_t first = found.list().size();
    flatten(found, std::move(f.documents[i].value), {where, static_cast<std::uint32_t>(i), "", 0}, f.objects);
    f.documents[i].locate(found.list(), first);
  }
  if (found.empty() && f.objects.empty()) f.error = fmt::format("there is no object in \"{}\"", shown(std::string_view(where)));
  f.good = found.empty() && !f.objects.empty();
  for (Diagnostic& d : found.take()) problems_.add(std::move(d));
  return f;
}

bool ManifestLoader::admit(const File& f, const std::string& pointer) {
  if (!f.error.empty()) problems_.add(pointer, f.error, own_source_.empty() ? "" : "paths of manifests begin at the folder of the scenario");
  return f.good && within_limit(pointer, f.objects.size(), f.bytes);
}

void ManifestLoader::load(const std::string& path, const std::string& pointer, std::vector<ManifestObject>& out) {
  const File& f = file(resolve(base_dir_, path));
  if (admit(f, pointer)) out.insert(out.end(), f.objects.begin(), f.objects.end());
}

void ManifestLoader::take(const std::string& path, const std::string& pointer, std::vector<ManifestObject>& out) {
  File& f = file(resolve(base_dir_, path));
  if (!admit(f, pointer)) return;
  f.taken = true;
  std::vector<ManifestObject> objects = std::exchange(f.objects, {});
  if (out.empty()) out = std::move(objects);
  else out.insert(out.end(), std::make_move_iterator(objects.begin()), std::make_move_iterator(objects.end()));
}

void ManifestLoader::add_inline(const json& value, const std::string& pointer, std::vector<ManifestObject>& out) {
  const std::size_t before = out.size();
  flatten(problems_, value, {own_source_, 0, pointer, 0}, out);
  if (!within_limit(pointer, out.size() - before, 0)) out.resize(before);
}

void ManifestLoader::add(const json& value, const std::string& pointer, std::vector<ManifestObject>& out) {
  if (!value.is_string()) {
    add_inline(value, pointer, out);
  } else if (const auto path = read_text(problems_, value, pointer)) {
    load(*path, pointer, out);
  }
}

void ManifestLoader::report(const SourceRef& at, std::string message, std::string hint) {
  Diagnostic d;
  d.pointer = at.pointer;
  d.message = std::move(message);
  d.hint = std::move(hint);
  const auto it = files_.find(at.source);
  if (at.source != own_source_ && it != files_.end() && at.document < it->second.documents.size()) {
    const Document& document = it->second.documents[at.document];
    const TextPosition position = document.position_of(at.pointer);
    d.source = at.source;
    d.line = position.line;
    d.column = position.column;
  }
  problems_.add(std::move(d));
}

void check_objects(ManifestLoader& loader, const std::vector<ManifestObject>& objects) {
  std::unordered_map<std::string, std::size_t> index;  // looked up only, never walked
  index.reserve(objects.size());
  bool owned = false;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto metadata = objects[i].object.find("metadata");
    owned = owned || (metadata != objects[i].object.end() && metadata->is_object() && metadata->contains("ownerReferences"));
    std::string id = identity(objects[i].object);
    if (id.empty()) continue;
    const auto [it, fresh] = index.try_emplace(std::move(id), i);
    if (fresh) continue;
    const SourceRef& first = objects[it->second].from;
    SourceRef at = objects[i].from;
    at.pointer += "/metadata/name";
    loader.report(at, fmt::format("{} occurs twice", readable(it->first)),
                  fmt::format("the first is {}{}", first.source == at.source ? "" : shown(std::string_view(first.source)) + " ", first.pointer.empty() ? "in the same file" : first.pointer));
  }
  if (owned) report_cycles(loader, objects, owner_graph(objects, index));
}

}  // namespace orrery::scenario_reading
