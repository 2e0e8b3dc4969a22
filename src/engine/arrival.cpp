#include "arrival.hpp"

namespace sportello::engine {

void judge(Arrival& /*arrival*/) {}

void follow_up(Arrival& /*arrival*/) {}

} // namespace sportello::engine
