/**
 * Composes the parts of the daemon, starts them in the order of the flow, and stops them in reverse. Decides nothing.
 */
package io.jubelet.boot;
