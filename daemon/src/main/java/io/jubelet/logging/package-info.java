/**
 * The log of the daemon, as SLF4J's provider: one line an event, on standard error.
 *
 * <p>SLF4J's own simple provider writes the same lines, but its dates load the calendars and locales of the JDK: measured, 35 ms
 * of a start, and a megabyte for good.
 */
package io.jubelet.logging;
