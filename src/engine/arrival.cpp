#include "arrival.hpp"

#include "outages.hpp"

namespace sportello::engine {

void judge(Arrival& arrival)
{
    hear_of_outage(arrival);
}

void follow_up(Arrival& arrival)
{
    note_outage(arrival);
}

} // namespace sportello::engine
