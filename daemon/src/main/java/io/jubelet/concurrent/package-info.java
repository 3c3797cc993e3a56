/**
 * Threads, wake-ups and supervised loops; and programs that are asked something, with the threads that takes.
 *
 * <p>The only place that makes threads; each has a name. This package imports no other package of Jubelet.
 */
package io.jubelet.concurrent;
