/**
 * `convert_angle()` and its siblings: units by their factor to the base unit, from the definitions of the SI and the
 * international pound, foot and calorie. A unit that is not in the table is refused.
 */

import { convert } from './conversion.ts';
import { constantText, type FunctionTable } from './define.ts';
import type { FunctionContext, ScalarLowering, SqlExpression } from './registry.ts';

type Factors = Readonly<Record<string, number>>;

const FOOT = 0.3048;
const POUND = 0.45359237;
const GRAVITY = 9.80665;

const ANGLE: Factors = {
  Arcminute: 1 / 60,
  Arcsecond: 1 / 3600,
  Centiradian: 1.8 / Math.PI,
  Deciradian: 18 / Math.PI,
  Degree: 1,
  Gradian: 0.9,
  Microdegree: 1e-6,
  Millidegree: 1e-3,
  Milliradian: 0.18 / Math.PI,
  Radian: 180 / Math.PI,
  Revolution: 360,
};

const LENGTH: Factors = {
  AstronomicalUnit: 149_597_870_700,
  Centimeter: 1e-2,
  Decimeter: 0.1,
  Fathom: 1.8288,
  Foot: FOOT,
  Hand: 0.1016,
  Hectometer: 100,
  Inch: 0.0254,
  Kilometer: 1e3,
  Meter: 1,
  Micrometer: 1e-6,
  Mile: 1609.344,
  Millimeter: 1e-3,
  Nanometer: 1e-9,
  NauticalMile: 1852,
  Yard: 0.9144,
};

const MASS: Factors = {
  Centigram: 1e-5,
  Gram: 1e-3,
  Kilogram: 1,
  Microgram: 1e-9,
  Milligram: 1e-6,
  Ounce: POUND / 16,
  Pound: POUND,
  Stone: POUND * 14,
  Tonne: 1e3,
};

const SPEED: Factors = {
  CentimeterPerHour: 1e-2 / 3600,
  CentimeterPerMinute: 1e-2 / 60,
  CentimeterPerSecond: 1e-2,
  FootPerHour: FOOT / 3600,
  FootPerMinute: FOOT / 60,
  FootPerSecond: FOOT,
  InchPerSecond: 0.0254,
  KilometerPerHour: 1e3 / 3600,
  KilometerPerMinute: 1e3 / 60,
  KilometerPerSecond: 1e3,
  Knot: 1852 / 3600,
  MeterPerHour: 1 / 3600,
  MeterPerMinute: 1 / 60,
  MeterPerSecond: 1,
  MilePerHour: 1609.344 / 3600,
};

const ENERGY: Factors = {
  BritishThermalUnit: 1055.05585262,
  Calorie: 4.184,
  Joule: 1,
  Kilocalorie: 4184,
  Kilojoule: 1e3,
  KilowattHour: 3.6e6,
  Megajoule: 1e6,
  MegawattHour: 3.6e9,
  WattHour: 3600,
};

const FORCE: Factors = {
  Decanewton: 10,
  Dyn: 1e-5,
  KilogramForce: GRAVITY,
  Kilonewton: 1e3,
  Meganewton: 1e6,
  Millinewton: 1e-3,
  Newton: 1,
  PoundForce: POUND * GRAVITY,
  TonneForce: GRAVITY * 1e3,
};

const VOLUME: Factors = {
  AcreFoot: 1 / 0.000810714,
  CubicCentimeter: 1e-6,
  CubicDecimeter: 1e-3,
  CubicFoot: FOOT ** 3,
  CubicInch: 0.0254 ** 3,
  CubicKilometer: 1e9,
  CubicMeter: 1,
  CubicMillimeter: 1e-9,
  CubicYard: 0.9144 ** 3,
  Liter: 1e-3,
  Milliliter: 1e-6,
};

/** Kelvin of a temperature: factor and offset. */
const TEMPERATURE: Readonly<Record<string, readonly [number, number]>> = {
  DegreeCelsius: [1, 273.15],
  DegreeFahrenheit: [5 / 9, 459.67 * (5 / 9)],
  DegreeRankine: [5 / 9, 0],
  Kelvin: [1, 0],
};

function unit<T>(table: Readonly<Record<string, T>>, argument: SqlExpression | undefined, context: FunctionContext): T {
  const name = constantText(argument, 'the unit', context);
  return table[name] ?? context.refuse(`the unit '${name}' is not in the table`);
}

function byFactor(table: Factors): ScalarLowering {
  return ([value, from, to], context) => {
    const factor = unit(table, from, context) / unit(table, to, context);
    return `(${convert(value as SqlExpression, 'real', context)} * ${factor}::DOUBLE)`;
  };
}

export const unitFunctions: FunctionTable = {
  convert_angle: byFactor(ANGLE),
  convert_length: byFactor(LENGTH),
  convert_mass: byFactor(MASS),
  convert_speed: byFactor(SPEED),
  convert_energy: byFactor(ENERGY),
  convert_force: byFactor(FORCE),
  convert_volume: byFactor(VOLUME),
  convert_temperature: ([value, from, to], context) => {
    const [scale, offset] = unit(TEMPERATURE, from, context);
    const [toScale, toOffset] = unit(TEMPERATURE, to, context);
    return `((${convert(value as SqlExpression, 'real', context)} * ${scale}::DOUBLE + ${offset}::DOUBLE - ${toOffset}::DOUBLE) / ${toScale}::DOUBLE)`;
  },
};
