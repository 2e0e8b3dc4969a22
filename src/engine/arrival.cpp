#include "arrival.hpp"

#include "acknowledgement.hpp"
#include "clues.hpp"
#include "outages.hpp"
#include "promises.hpp"
#include "staff.hpp"
#include "ticket_clocks.hpp"
#include "triage.hpp"

namespace sportello::engine {

void judge(Arrival& arrival)
{
    triage(arrival);
    hear_of_outage(arrival);
    if (!arrival.opens) release_if_absent(arrival.tx, arrival.settings, arrival.ticket, arrival.now);
    plan_clocks(arrival); // after everything that says how urgent it is
    promise(arrival);
}

void follow_up(Arrival& arrival)
{
    keep_triage(arrival);
    note_outage(arrival);
    keep_promise(arrival);
    acknowledge(arrival);
    gather_clues(arrival.tx, arrival.message, arrival.now);
}

} // namespace sportello::engine
