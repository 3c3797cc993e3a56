/**
 * Pure decisions: what is wanted and what is observed in, a plan with reasons out.
 *
 * <p>No I/O, no clock, no logging. A {@code PodPlan} is data: the actions, and when to look again.
 */
package io.jubelet.plan;
