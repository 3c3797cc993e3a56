/**
 * Libraries that most nodes never need, loaded from outside the class path when a feature first asks for one.
 */
package io.jubelet.optional;
