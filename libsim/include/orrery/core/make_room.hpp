#pragma once
#include <vector>

namespace orrery {

/// For one more in a list that may become very long: a quarter more, as doubling wastes up to half of it.
template <class T>
void make_room(std::vector<T>& list) {
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 4 + 4);
}

}  // namespace orrery
