"""Which words has OCPI 2.2.1 for what CPOs tell? 2.3.0 has more of them in its open enums."""

from chalicelib.domain.network.location import EvseStatus

STATUS = frozenset(EvseStatus)
STANDARD = frozenset(
    {"CHADEMO", "CHAOJI", "GBT_AC", "GBT_DC"}
    | {f"DOMESTIC_{letter}" for letter in "ABCDEFGHIJKLMNO"}
    | {f"IEC_60309_2_{kind}" for kind in ("single_16", "three_16", "three_32", "three_64")}
    | {f"IEC_62196_{kind}" for kind in ("T1", "T1_COMBO", "T2", "T2_COMBO", "T3A", "T3C")}
    | {f"NEMA_{kind}" for kind in ("5_20", "6_30", "6_50", "10_30", "10_50", "14_30", "14_50")}
    | {"PANTOGRAPH_BOTTOM_UP", "PANTOGRAPH_TOP_DOWN", "TESLA_R", "TESLA_S"}
)
FORMAT = frozenset({"SOCKET", "CABLE"})
POWER = frozenset({"AC_1_PHASE", "AC_2_PHASE", "AC_2_PHASE_SPLIT", "AC_3_PHASE", "DC"})
CAPABILITY = frozenset(
    {
        *("CHARGING_PROFILE_CAPABLE", "CHARGING_PREFERENCES_CAPABLE", "CHIP_CARD_SUPPORT"),
        *("CONTACTLESS_CARD_SUPPORT", "CREDIT_CARD_PAYABLE", "DEBIT_CARD_PAYABLE"),
        *("PED_TERMINAL", "REMOTE_START_STOP_CAPABLE", "RESERVABLE", "RFID_READER"),
        *("START_SESSION_CONNECTOR_REQUIRED", "TOKEN_GROUP_CAPABLE", "UNLOCK_CAPABLE"),
    }
)
RESTRICTION = frozenset({"EV_ONLY", "PLUGGED", "DISABLED", "CUSTOMERS", "MOTORCYCLES"})
PARKING = frozenset(
    {
        *("ALONG_MOTORWAY", "PARKING_GARAGE", "PARKING_LOT"),
        *("ON_DRIVEWAY", "ON_STREET", "UNDERGROUND_GARAGE"),
    }
)
FACILITY = frozenset(
    {
        *("HOTEL", "RESTAURANT", "CAFE", "MALL", "SUPERMARKET", "SPORT", "RECREATION_AREA"),
        *("NATURE", "MUSEUM", "BIKE_SHARING", "BUS_STOP", "TAXI_STAND", "TRAM_STOP"),
        *("METRO_STATION", "TRAIN_STATION", "AIRPORT", "PARKING_LOT", "CARPOOL_PARKING"),
        *("FUEL_STATION", "WIFI"),
    }
)
IMAGE = frozenset({"CHARGER", "ENTRANCE", "LOCATION", "NETWORK", "OPERATOR", "OTHER", "OWNER"})
SOURCE = frozenset(
    {
        *("NUCLEAR", "GENERAL_FOSSIL", "COAL", "GAS"),
        *("GENERAL_GREEN", "SOLAR", "WIND", "WATER"),
    }
)
IMPACT = frozenset({"NUCLEAR_WASTE", "CARBON_DIOXIDE"})
TARIFF = frozenset({"AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR"})
POSITION = frozenset({"LEFT", "RIGHT", "CENTER"})
DIRECTION = frozenset({"PARALLEL", "PERPENDICULAR", "ANGLE"})
