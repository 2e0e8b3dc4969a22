#include "arrival.hpp"

#include "outages.hpp"
#include "staff.hpp"

namespace sportello::engine {

void judge(Arrival& arrival)
{
    hear_of_outage(arrival);
    if (!arrival.opens) release_if_absent(arrival.tx, arrival.settings, arrival.ticket, arrival.now);
}

void follow_up(Arrival& arrival)
{
    note_outage(arrival);
}

} // namespace sportello::engine
