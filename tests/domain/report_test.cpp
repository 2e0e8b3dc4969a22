#include <sportello/domain/report.hpp>

#include <gtest/gtest.h>

namespace sportello::domain {
namespace {

TEST(Report, MeanMedianAndP90)
{
    EXPECT_FALSE(duration_figures({}).mean);
    const auto one = duration_figures({7});
    EXPECT_EQ(one.mean, 7);
    EXPECT_EQ(one.median, 7);
    EXPECT_EQ(one.p90, 7);
    const auto ten = duration_figures({10, 1, 9, 2, 8, 3, 7, 4, 6, 5});
    EXPECT_EQ(ten.mean, 5.5);
    EXPECT_EQ(ten.median, 5.5);
    EXPECT_EQ(ten.p90, 9);
    EXPECT_EQ(duration_figures({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).p90, 10);
}

TEST(Report, DaysAreThoseOfTheCalendarsTimeZone)
{
    CalendarSpec spec;
    spec.time_zone = "Asia/Kolkata"; // half an hour off
    const auto india = Calendar::make(spec).value();
    spec.time_zone = "Europe/Rome";
    const auto rome = Calendar::make(spec).value();
    const auto late = base::parse_rfc3339("2026-03-01T23:10:00Z").value(); // a Sunday
    EXPECT_EQ(time_key(ReportDimension::hour, rome, late), "2026-03-02T00");
    EXPECT_EQ(time_key(ReportDimension::week, rome, late), "2026-03-02");
    EXPECT_EQ(time_key(ReportDimension::hour, india, late), "2026-03-02T04");
    EXPECT_EQ(time_key(ReportDimension::day, Calendar::always_open(), late), "2026-03-01");
    EXPECT_EQ(time_key(ReportDimension::week, Calendar::always_open(), late), "2026-02-23");
}

TEST(Report, WhatBecameOfATicket)
{
    Ticket ticket;
    EXPECT_EQ(outcome_of(ticket, false), TicketOutcome::open);
    ticket.status = TicketStatus::solved;
    EXPECT_EQ(outcome_of(ticket, false), TicketOutcome::no_answer_possible);
    ticket.first_response_at = Instant();
    EXPECT_EQ(outcome_of(ticket, false), TicketOutcome::in_thread);
    EXPECT_EQ(outcome_of(ticket, true), TicketOutcome::phone);
    ticket.incident = IncidentId{1};
    EXPECT_EQ(outcome_of(ticket, true), TicketOutcome::incident);
    ticket.aside = "noise";
    EXPECT_EQ(outcome_of(ticket, true), TicketOutcome::noise);
    ticket.merged_into = TicketId{1};
    EXPECT_EQ(outcome_of(ticket, true), TicketOutcome::merged);
    for (const auto word : {"open", "in_thread", "phone", "incident", "no_answer_possible", "noise", "merged"}) {
        EXPECT_EQ(to_string(parse_ticket_outcome(word).value()), word);
    }
    EXPECT_FALSE(parse_ticket_outcome("won"));
    EXPECT_FALSE(parse_report_dimension("moon"));
}

} // namespace
} // namespace sportello::domain
