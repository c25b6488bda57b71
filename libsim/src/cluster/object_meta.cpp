#include "orrery/cluster/object_meta.hpp"

#include <algorithm>

#include "orrery/core/check.hpp"
#include "orrery/core/random.hpp"

namespace orrery {

// ---- UIDs

namespace {
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr auto kHexBytes = [] {
  std::array<std::array<char, 2>, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {kHexDigits[i >> 4], kHexDigits[i & 15]};
  return out;
}();
constexpr auto kHexValues = [] {
  std::array<std::int8_t, 256> out{};
  out.fill(-1);
  for (std::size_t i = 0; i < kHexDigits.size(); ++i) out[static_cast<unsigned char>(kHexDigits[i])] = static_cast<std::int8_t>(i);
  return out;
}();
}  // namespace

Uid::Characters Uid::characters() const {
  Characters out;
  char* at = out.all.data();
  const auto put = [&](std::uint64_t bits, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) at = std::copy_n(kHexBytes[bits >> 8 * i & 255].data(), 2, at);
  };
  put(hi >> 32, 4);
  *at++ = '-';
  put(hi >> 16, 2);
  *at++ = '-';
  put(hi, 2);
  *at++ = '-';
  put(lo >> 48, 2);
  *at++ = '-';
  put(lo, 6);
  return out;
}

Uid Uid::parse(std::string_view text) {
  if (text.empty()) return {};
  if (text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-') {
    int all = 0;  // negative as soon as one is no digit
    const auto read = [&](std::size_t from, std::size_t digits, std::uint64_t bits) {
      for (const char c : text.substr(from, digits)) {
        const int value = kHexValues[static_cast<unsigned char>(c)];
        all |= value;
        bits = bits << 4 | static_cast<std::uint64_t>(value & 15);
      }
      return bits;
    };
    const Uid out{read(14, 4, read(9, 4, read(0, 8, 0))), read(24, 12, read(19, 4, 0))};
    if (all >= 0) return out;
  }
  return {fnv1a(text), fnv1a(text) * 0x9e3779b97f4a7c15ULL ^ text.size()};
}

// ---- maps

const std::string* StringMap::find(std::string_view key) const {
  if (items.pending() && items.outline_->is_uid(key)) {
    if (!uid_) uid_ = std::make_unique<const std::string>(items.object_->uid.text());
    return uid_.get();
  }
  const std::vector<Item>& list = items.list();
  auto it = std::lower_bound(list.begin(), list.end(), key, [](const auto& a, std::string_view k) { return a.first < k; });
  return it != list.end() && it->first == key ? &it->second : nullptr;
}

bool StringMap::says_uid(std::string_view key, Uid uid) const {
  if (items.pending() && items.outline_->is_uid(key)) return items.object_->uid == uid;
  const std::string* value = find(key);
  return value != nullptr && *value == uid.characters().view();
}

Ref<const StringMap> StringMap::outlined(Ref<const MapOutline> outline, Ref<const Identity> object, std::int64_t number) {
  auto m = make_ref<StringMap>();
  m->items.outline_ = std::move(outline);
  m->items.object_ = std::move(object);
  m->items.number_ = number;
  return m;
}

Ref<const StringMap> make_string_map(std::vector<std::pair<std::string, std::string>> items) {
  if (items.empty()) return {};
  std::sort(items.begin(), items.end());
  auto m = make_ref<StringMap>();
  m->items = std::move(items);
  return m;
}

// ---- identities

Identity::Identity(Kind k, Symbol n, std::string_view name) : kind(k), size_(name.size() & kNameMax), ns(n) {
  ORRERY_CHECK(name.size() <= kNameMax, "a name of {} characters", name.size());
  name.copy(text_, name.size());
}
Identity::~Identity() = default;

static_assert(sizeof(Identity) == 56, "with a short name 64 bytes, no gap before the name");

void* Identity::operator new(std::size_t size, std::size_t characters) {
  return ::operator new(std::max(size, size - sizeof text_ + characters));
}

Ref<Identity> Identity::make(Kind kind, Symbol ns, std::string_view name) { return Ref<Identity>(new (name.size()) Identity(kind, ns, name)); }

Ref<Identity> Identity::unnamed(Kind kind, Symbol ns, std::string_view prefix) {
  Ref<Identity> id(new (prefix.size() + kSuffix) Identity(kind, ns, prefix));
  if (!prefix.empty()) id->naming_ = Naming::prefix;
  return id;
}

Ref<Identity> Identity::copy(const Identity& of) {
  Ref<Identity> id = of.naming_ == Naming::prefix ? unnamed(of.kind, of.ns, of.name()) : make(of.kind, of.ns, of.name());
  id->naming_ = of.naming_;
  id->hostname_from_prefix_ = of.hostname_from_prefix_;
  id->uid = of.uid;
  id->serial = of.serial;
  if (of.more_) id->more_ = std::make_unique<More>(*of.more_);
  id->slot = of.slot;
  id->created = of.created;
  return id;
}

Identity::More& Identity::more() {
  if (!more_) more_ = std::make_unique<More>();
  return *more_;
}

void Identity::set_other_kind(Symbol k) {
  if (k != other_kind()) more().other_kind = k;
}

std::string_view Identity::generate_name() const {
  switch (naming_) {
    case Naming::plain: return {};
    case Naming::prefix: return name();
    case Naming::generated: return name().substr(0, size_ - kSuffix);
    case Naming::kept: break;
  }
  return more_->generate_name;
}

void Identity::set_generated(std::string_view made) {
  ORRERY_CHECK(naming_ == Naming::prefix && made.size() <= size_ + kSuffix, "{} is no name made from {}", made, name());
  const bool follows = made.size() == size_ + kSuffix && made.starts_with(name());
  const std::string prefix(follows ? std::string_view{} : name()), host(follows ? std::string_view{} : hostname());
  made.copy(text_, made.size());
  size_ = made.size() & kNameMax;
  naming_ = Naming::generated;
  if (follows) return;
  hostname_from_prefix_ = false;
  set_generate_name(prefix);
  set_hostname(host);
}

void Identity::set_generate_name(std::string_view prefix) {
  if (prefix.empty()) {
    naming_ = Naming::plain;
  } else if (size_ == prefix.size() + kSuffix && name().starts_with(prefix)) {
    naming_ = Naming::generated;
  } else {
    const std::string host(hostname());
    more().generate_name = prefix;
    naming_ = Naming::kept;
    hostname_from_prefix_ = false;
    if (!host.empty()) more().hostname = host;
  }
}

std::string_view Identity::hostname() const {
  if (hostname_from_prefix_) {
    const std::string_view prefix = generate_name();
    return prefix.substr(0, prefix.size() - 1);
  }
  return more_ ? std::string_view(more_->hostname) : std::string_view{};
}

void Identity::set_hostname(std::string_view hostname) {
  const std::string_view prefix = generate_name();
  hostname_from_prefix_ = !hostname.empty() && prefix.size() == hostname.size() + 1 && prefix.starts_with(hostname) && prefix.ends_with('-');
  if (!hostname_from_prefix_ && !hostname.empty()) more().hostname = hostname;
}

// ---- metadata

SharedMeta& ObjectMeta::own() {
  if (!shared_) {
    shared_ = make_ref<SharedMeta>();
  } else if (shared_->ref_count() > 1) {
    auto copy = make_ref<SharedMeta>(*shared_);
    copy->without_finalizers_.reset();
    shared_ = std::move(copy);
  } else {
    shared_->without_finalizers_.reset();
  }
  return *shared_;
}

void ObjectMeta::set_labels(Ref<const StringMap> labels) {
  if (labels != shared().labels) own().labels = std::move(labels);
}
void ObjectMeta::set_annotations(Ref<const StringMap> annotations) {
  if (annotations != shared().annotations) own().annotations = std::move(annotations);
}
void ObjectMeta::set_owners(Ref<const OwnerList> owners) {
  if (owners != shared().owners) own().owners = std::move(owners);
}
void ObjectMeta::set_finalizers(SharedList<Symbol> finalizers) {
  if (!(finalizers == shared().finalizers)) own().finalizers = std::move(finalizers);
}
void ObjectMeta::add_finalizer(Symbol f) { own().finalizers.push_back(f); }

void ObjectMeta::remove_finalizer(Symbol f) {
  if (!has_finalizer(f)) return;
  if (finalizers().size() > 1 || shared_->ref_count() == 1) {
    (void)own().finalizers.erase_if([f](Symbol s) { return s == f; });
    return;
  }
  // As all pods of a Job do in the end.
  if (!shared_->without_finalizers_) {
    auto rest = make_ref<SharedMeta>(*shared_);
    rest->finalizers.clear();
    rest->without_finalizers_.reset();
    shared_->without_finalizers_ = std::move(rest);
  }
  shared_ = shared_->without_finalizers_;
}

namespace {
template <class T>
bool same_ref(const Ref<T>& a, const Ref<T>& b) {
  return a == b || (a && b && *a == *b);
}
}  // namespace

bool same_meta(const ObjectMeta& a, const ObjectMeta& b) {
  if (a.generation != b.generation || a.deleted != b.deleted || a.deletion_grace != b.deletion_grace) return false;
  const SharedMeta &x = a.shared(), &y = b.shared();
  return &x == &y || (x.finalizers == y.finalizers && same_ref(x.labels, y.labels) && same_ref(x.annotations, y.annotations) && same_ref(x.owners, y.owners));
}

}  // namespace orrery
